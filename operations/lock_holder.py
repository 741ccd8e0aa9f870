"""Who holds the lock on a stack."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Holder:
    """Who holds the lock (`facts`: user, host, pid, since, reason), by the ID of the container that says so."""

    id: str
    facts: Mapping[str, str]

    @property
    def is_dead(self) -> bool:
        """Whether it was a process of this host that is no more."""
        return self.facts["host"] == socket.gethostname() and not _lives(int(self.facts["pid"]))

    def __str__(self) -> str:
        facts = self.facts
        return (
            f"{facts['user']} on {facts['host']} (process {facts['pid']}) since {facts['since']}, "
            f"reason: {facts['reason']}"
        )


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
