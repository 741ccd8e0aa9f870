"""An engine behind ssh, and commands that reach it."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toolchain.tests import fake_ssh

COMMAND = """
import pathlib, sys
from toolchain import engine_socket, ssh_engine
engine_socket.PLACES = pathlib.Path(sys.argv.pop(1))
sys.exit(ssh_engine.main())
"""
"""As `python -m toolchain.ssh_engine`, with places of the test."""
END_SECONDS = 5
WAITS = """
import os, pathlib, sys, time
pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()}\\n")
time.sleep(60)
"""


@dataclass(frozen=True)
class FarEngine:
    """The folders of one test: one on PATH, for ssh and what it writes down, and the one of the places."""

    folder: Path
    places: Path

    def answers(self, answer: str) -> None:
        """What it says to pings from now on."""
        (self.folder / "answer").write_text(answer)
        self.ssh(f'exec {shlex.join([sys.executable, fake_ssh.__file__, str(self.folder)])} "$@"')

    def ssh(self, script: str) -> None:
        """What stands for ssh, in the shell's language."""
        (self.folder / "ssh").write_text(f"#!/bin/sh\n{script}\n")
        (self.folder / "ssh").chmod(0o755)

    def tunnels(self) -> list[int]:
        """The process ID of each ssh that was started."""
        started = self.folder / "started"
        return [int(pid) for pid in started.read_text().split()] if started.exists() else []

    def command(self, program: str, *arguments: str, address: str = "ssh://host") -> subprocess.Popen[bytes]:
        """A Python program that has been given the way there."""
        words = [sys.executable, "-c", COMMAND, str(self.places), sys.executable, "-c", program, *arguments]
        return subprocess.Popen(words, env={**os.environ, "DOCKER_HOST": address})

    @contextmanager
    def waiting(self, address: str = "ssh://host") -> Iterator[tuple[subprocess.Popen[bytes], int]]:
        """One that has the way there and does nothing, and the process ID of its program; both end with the block."""
        told = self.folder / "told"
        with self.command(WAITS, str(told), address=address) as running:
            try:
                while not (told.exists() and told.read_text().endswith("\n")):
                    assert running.poll() is None
                    time.sleep(0.05)
                program = int(told.read_text())
                yield running, program
            finally:
                running.kill()
        if is_there(program):
            os.kill(program, signal.SIGKILL)


def is_there(pid: int) -> bool:
    """Whether it runs. An orphan that nobody waits for, in a container without an init, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def is_gone(pid: int) -> bool:
    """Whether it ends within some seconds."""
    deadline = time.monotonic() + END_SECONDS
    while is_there(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_there(pid)
