"""The socket on this machine that leads to an engine elsewhere: always at the same path, one ssh for all who use it."""

import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from toolchain.command import StepError
from toolchain.ssh_tunnel import SOCKET, Tunnel

PING_SECONDS = 30
PLACES = Path("/tmp")  # noqa: S108 - of whom a place is, is looked at
"""On every machine the same, whatever TMPDIR says: the path of the socket gets into Pulumi's state."""


@contextmanager
def brought_here(tunnel: Tunnel) -> Iterator[Path]:
    """A path that is the same whenever and wherever this engine is talked to: its socket.

    pulumi-docker-build keeps the engine's address in the state, and another one replaces every image and whatever runs
    it. Who comes first starts ssh, who leaves last ends it, whoever logged in. The kernel counts the users by their
    locks, so that one who was killed does not count; what such a one left is ended by who comes next.
    """
    place = _place(tunnel.address)
    engine = place / "docker.sock"
    with (place / "users").open("ab") as users:
        with _turn(place):
            _join(tunnel, engine, users)
        try:
            yield engine
        finally:
            with _turn(place):
                _leave(tunnel, engine, users)


def _join(tunnel: Tunnel, engine: Path, users: IO[bytes]) -> None:
    try:
        answer = None if _is_alone(users) else ping(engine)
        if answer is None:
            tunnel.end(engine)
            tunnel.start(engine)
            answer = ping(engine)
        if b" 200 " not in (answer or b""):
            raise tunnel.refusal("ssh is there, and behind it no engine that this login may use, or a hanging one")
        fcntl.flock(users, fcntl.LOCK_SH)
    except BaseException:
        _leave(tunnel, engine, users)
        raise


def _leave(tunnel: Tunnel, engine: Path, users: IO[bytes]) -> None:
    if _is_alone(users):
        tunnel.end(engine)
    fcntl.flock(users, fcntl.LOCK_UN)  # closing it is not enough while a fork has it, too


def _place(address: str) -> Path:
    """Its folder, which stays: taken away, it would be missed by who comes at that moment."""
    where = urlsplit(address)
    engine = f"{where.hostname}:{where.port or 22}{where.path or SOCKET}"  # whoever logs in there
    place = PLACES / f"market-research-{hashlib.sha256(engine.encode()).hexdigest()[:12]}"
    with suppress(FileExistsError):
        place.mkdir(mode=0o700)
    if place.lstat().st_uid != os.getuid():
        raise StepError(f"{place} is somebody else's, and the way to {address} is to be there: remove it")
    return place


@contextmanager
def _turn(place: Path) -> Iterator[None]:
    """One at a time comes or leaves."""
    with (place / "turn").open("ab") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)


def _is_alone(users: IO[bytes]) -> bool:
    """Whether nobody else uses the socket; whoever asks does not count as a user from then on."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def ping(engine: Path) -> bytes | None:
    """What comes back, nothing when that takes too long; None where nobody listens."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PING_SECONDS)
        try:
            connection.connect(str(engine))
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return connection.recv(64)
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError:
            return b""
