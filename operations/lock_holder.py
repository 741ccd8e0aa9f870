"""Who holds the lock on a stack."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

BOOT = Path("/proc/sys/kernel/random/boot_id")
PID_NAMESPACE = Path("/proc/self/ns/pid")


@dataclass(frozen=True)
class Holder:
    """Who holds the lock (`facts`: user, pid, its `place`, since, reason), by the ID of the container that says so."""

    id: str
    facts: Mapping[str, str]

    @property
    def is_dead(self) -> bool:
        """Whether it was a process of this host that is no more, as far as can be seen from here."""
        here = place()
        if self.facts["host"] != here["host"]:
            return False
        if self._is_elsewhere(here, "boot"):
            return True
        return not self._is_elsewhere(here, "pid_namespace") and not _lives(int(self.facts["pid"]))

    def _is_elsewhere(self, here: Mapping[str, str], fact: str) -> bool:
        """Whether both are known and differ: older locks, and systems other than Linux, do not tell."""
        held = self.facts.get(fact, "")
        return bool(held and here[fact]) and held != here[fact]

    def __str__(self) -> str:
        facts = self.facts
        return (
            f"{facts['user']} on {facts['host']} (process {facts['pid']}) since {facts['since']}, "
            f"reason: {facts['reason']}"
        )


def place() -> dict[str, str]:
    """What a process ID needs to mean something: host, boot and pid namespace; empty where the system does not tell."""
    boot = namespace = ""
    with suppress(OSError):
        boot = BOOT.read_text().strip()
    with suppress(OSError):
        namespace = str(PID_NAMESPACE.readlink())
    return {"host": socket.gethostname(), "boot": boot, "pid_namespace": namespace}


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
