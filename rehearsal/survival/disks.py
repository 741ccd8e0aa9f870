"""Small disks for data volumes: file systems in files, which can lose all that was not yet written to them."""

import fcntl
import os
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

SHUT_DOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN: from here on nothing more reaches the disk."""
WITHOUT_A_FLUSH = 2
"""EXT4_GOING_FLAGS_NOLOGFLUSH: neither what was written and not synchronized nor the journal."""
UNUSED_WITHIN_SECONDS = 30


@dataclass(frozen=True)
class Disk:
    """A file with an ext4 file system, and the folder that this is mounted at: its name without the suffix."""

    image: Path

    @property
    def place(self) -> Path:
        return self.image.with_suffix("")

    @classmethod
    def made(cls, image: Path, size_mb: int) -> "Disk":
        """An empty one, mounted."""
        disk = cls(image)
        disk.place.mkdir()
        with image.open("wb") as file:
            file.truncate(size_mb * 1024 * 1024)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
        disk.mount()
        (disk.place / "lost+found").rmdir()  # the engine fills an empty volume alone with what the image has there
        return disk

    def mount(self) -> None:
        subprocess.run(["mount", "-o", "loop", str(self.image), str(self.place)], check=True)

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.place)], check=True)

    def lose_power(self) -> None:
        """Nothing more is written, and what the kernel still held back is lost."""
        folder = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, SHUT_DOWN, struct.pack("I", WITHOUT_A_FLUSH))
        finally:
            os.close(folder)

    def come_back(self) -> None:
        """Mount what the disk holds. Raises AssertionError when somebody keeps the file system of before."""
        self.unmount()
        deadline = time.monotonic() + UNUSED_WITHIN_SECONDS
        while self._is_used():  # mounted again before, it would be the file system of before
            assert time.monotonic() < deadline, f"{self.image} is still mounted somewhere"
            time.sleep(0.1)
        self.mount()

    def _is_used(self) -> bool:
        asked = ["losetup", "--associated", str(self.image)]
        return bool(subprocess.run(asked, check=True, capture_output=True).stdout)
