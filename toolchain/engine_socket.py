"""The socket on this machine that leads to an engine elsewhere: always at the same path."""

import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from toolchain.command import StepError

FOLDER = "engine-"
"""How the name begins of a folder that a command has for its way there."""
SOCKET = "/var/run/docker.sock"
"""Where the engine listens over there, unless the address ends in another path."""
CONNECT_SECONDS = 30
PLACES = Path("/tmp")  # noqa: S108 - of whom a place is, is looked at
"""On every machine the same, whatever TMPDIR says: the path of the socket gets into Pulumi's state."""


@contextmanager
def at_its_place(address: str, here: Path) -> Iterator[Path]:
    """A path that is the same whenever and wherever this engine is talked to, and leads to the socket.

    pulumi-docker-build keeps the engine's address in the state, and another one replaces every image and whatever runs
    it. Commands of one time share the path: it leads to a socket of one that has not ended.
    """
    place = _place(address)
    mine, engine = place / here.parent.name, place / "docker.sock"
    mine.symlink_to(here)
    _lead(engine, here)
    try:
        yield engine
    finally:
        mine.unlink()
        if engine.readlink() == here:
            others = [one.readlink() for one in place.glob(f"{FOLDER}*")]
            _lead(engine, next((one for one in others if ping(one)), None))
        with suppress(OSError):  # somebody else is still there
            place.rmdir()


def _place(address: str) -> Path:
    where = urlsplit(address)
    engine = f"{where.hostname}:{where.port or 22}{where.path or SOCKET}"  # whoever logs in there
    place = PLACES / f"market-research-{hashlib.sha256(engine.encode()).hexdigest()[:12]}"
    place.mkdir(mode=0o700, exist_ok=True)
    if place.stat().st_uid != os.getuid():
        raise StepError(f"{place} is somebody else's, and the way to {address} is to be there: remove it")
    return place


def _lead(engine: Path, to: Path | None) -> None:
    if to is None:
        engine.unlink()
        return
    link = engine.with_name(f"{to.parent.name}.new")
    link.symlink_to(to)
    link.replace(engine)


def ping(engine: Path) -> bytes | None:
    """What comes back; None while there is no socket that takes the question."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(str(engine))
        except OSError:
            return None
        try:
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return connection.recv(64)
        except OSError:
            return b""
