"""The free space of a disk, looked at before something is begun that would fill it."""

import shutil
from pathlib import Path

from backup.settings import JobError

GB = 10**9
SPARE = GB
TAKES = {"postgres": 3, "redis": 3, "neo4j": 5, "base": 3, "wal": 1}
"""By store: so many times its bytes in a backup go onto the disk on which all volumes of a stack lie, when it is
brought up. Postgres: tables, indexes, their log. Redis: the dump twice, the append-only file. Neo4j: the dump, that is
compressed, and the graph. A base: its archive, the server's files, the dump that is made of them."""
RECOVERED_TAKES = 8
"""As often as a dump that is compressed: what is made of a recovered server."""


def need(folder: Path, size: float, what: str) -> None:
    """JobError when the disk that a folder is on has not so many bytes left, and a GB more."""
    free, wanted = shutil.disk_usage(folder).free, size + SPARE
    if free < wanted:
        room = f"{free / GB:.1f} GB free of the {wanted / GB:.1f} GB that {what} takes"
        raise JobError(f"{folder}: {room}: free some on the disk that holds it, or add to it; nothing was changed")
