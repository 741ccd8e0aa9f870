"""Who holds the lock on a stack."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MACHINE = Path("/etc/machine-id")
BOOT = Path("/proc/sys/kernel/random/boot_id")
PID_NAMESPACE = Path("/proc/self/ns/pid")


@dataclass(frozen=True)
class Holder:
    """Who holds the lock (`facts`: user, pid, its `place`, since, reason), by the ID of the container that says so."""

    id: str
    facts: Mapping[str, str]

    @property
    def is_in_sight(self) -> bool:
        """Whether its process ID means something here: in the same boot, which no two machines share, and namespace."""
        return self._shares(place(), "boot", "pid_namespace")

    @property
    def is_dead(self) -> bool:
        """Whether it is known to be no more: not among the processes here, or of an earlier boot of this machine."""
        if self.is_in_sight:
            return not _lives(int(self.facts["pid"]))
        here = place()
        return self._shares(here, "host", "machine", "pid_namespace") and self._differs(here, "boot")

    def _shares(self, here: Mapping[str, str], *facts: str) -> bool:
        """Whether all are known and the same: older locks, and systems other than Linux, do not tell."""
        return all(here[fact] and self.facts.get(fact) == here[fact] for fact in facts)

    def _differs(self, here: Mapping[str, str], fact: str) -> bool:
        """Whether both are known and not the same."""
        held = self.facts.get(fact)
        return bool(held and here[fact]) and held != here[fact]

    def __str__(self) -> str:
        facts = self.facts
        return (
            f"{facts['user']} on {facts['host']} (process {facts['pid']}) since {facts['since']}, "
            f"reason: {facts['reason']}"
        )


def place() -> dict[str, str]:
    """Where this process is, as far as the system tells; what it does not tell is empty."""
    namespace = ""
    with suppress(OSError):
        namespace = str(PID_NAMESPACE.readlink())
    return {"host": socket.gethostname(), "machine": _text(MACHINE), "boot": _text(BOOT), "pid_namespace": namespace}


def _text(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
