"""What an engine leaves mounted when it ends, the namespaces of its networks for instance."""

import subprocess
from pathlib import Path


def unmount_below(folder: Path) -> None:
    """Unmount everything in a folder, the last mounted first. CalledProcessError for what does not go."""
    while mounted := _mounted(folder):
        subprocess.run(["umount", "--lazy", mounted[-1]], check=True)


def _mounted(folder: Path) -> list[str]:
    places = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [place for place in places if place.startswith(f"{folder}/")]
