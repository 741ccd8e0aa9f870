"""A Docker engine of the rehearsal's own, in a network of its own: it can be restarted, and lose its power."""

import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
from docker.errors import DockerException

from rehearsal.mounts import unmount_below

NEW_NETWORK = 0x40000000
"""CLONE_NEWNET of the kernel."""
START_SECONDS = 60
STOP_SECONDS = 180
LIBC = ctypes.CDLL(None, use_errno=True)


@contextmanager
def own_network() -> Iterator[None]:
    """This thread, and all that it starts, sees a network with nothing in it: two engines share no firewall."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    _call(LIBC.unshare, NEW_NETWORK)
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        yield
    finally:
        _call(LIBC.setns, before, NEW_NETWORK)
        os.close(before)


def _call(function: Callable[..., int], *arguments: int) -> None:
    if function(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{os.strerror(ctypes.get_errno())}: this takes root on Linux")


class OwnEngine:
    """A dockerd that keeps everything in a folder; started as toolchain/ does it, without a service manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = f"unix://{folder}/docker.sock"
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return when it answers. Raises AssertionError with its log when it does not."""
        folder = self._folder
        (folder / "daemon.json").write_text("{}")
        places = {"data-root": "data", "exec-root": "exec", "pidfile": "docker.pid", "config-file": "daemon.json"}
        options = [f"--{option}={folder / name}" for option, name in places.items()]
        with (folder / "log").open("ab") as log:
            self._daemon = subprocess.Popen(
                ["dockerd", *options, f"--host={self.address}"], stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, (folder / "log").read_text(errors="replace")[-2000:]
            time.sleep(0.1)

    def stop(self) -> None:
        """Let it stop its containers and end."""
        if self._daemon:
            self._daemon.terminate()
            self._daemon.wait(STOP_SECONDS)

    def lose_power(self) -> None:
        """Everything of it is gone at once: the engine first, so that it saves nothing."""
        client = docker.DockerClient(self.address)
        first = [client.api.inspect_container(str(one.id))["State"]["Pid"] for one in client.containers.list()]
        for process in [*self._own_processes(), *first]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if self._daemon:
            self._daemon.wait()
        unmount_below(self._folder)
        shutil.rmtree(self._folder / "exec")  # it is in memory on a host, as is the next one
        (self._folder / "docker.pid").unlink(missing_ok=True)

    def _own_processes(self) -> list[int]:
        """The daemon, its containerd, and who holds the containers for it: their command lines name the folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (process / "cmdline").read_bytes()
                if (
                    words.startswith((b"dockerd", b"containerd", b"/usr/bin/containerd"))
                    and bytes(self._folder) in words
                ):
                    found.append(int(process.name))
        return found

    def _answers(self) -> bool:
        try:
            return bool(docker.DockerClient(self.address, timeout=5).ping())
        except DockerException:
            return False

    def remove(self) -> None:
        """End it, and leave nothing of it."""
        self.stop()
        for process in self._own_processes():
            os.kill(process, signal.SIGKILL)
        unmount_below(self._folder)
        shutil.rmtree(self._folder, ignore_errors=True)
