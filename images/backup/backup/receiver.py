"""Whether WAL is being received in this container, seen from outside the program that does it."""

from collections.abc import Iterator
from pathlib import Path

WAL = Path("/wal")
CONNECTIONS = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
ESTABLISHED = "01"
PARTIAL = "*.partial"
"""The file that is being written: there from the first byte on."""


def receives(port: int, wal: Path = WAL) -> bool:
    """Whether something is connected to a server's port, and has begun to write."""
    return any(wal.glob(PARTIAL)) and port in _connected()


def _connected() -> Iterator[int]:
    """The ports at the other ends of this container's connections."""
    for file in CONNECTIONS:
        for line in file.read_text().splitlines()[1:] if file.exists() else ():
            _, _, remote, state, *_ = line.split()
            if state == ESTABLISHED:
                yield int(remote.rpartition(":")[2], 16)
