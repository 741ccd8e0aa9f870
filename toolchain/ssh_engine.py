"""An engine that DOCKER_HOST names by ssh://: ssh brings its socket to this machine, for those who speak no ssh.

The docker command and the official plugin do, the Docker SDK and the built-in provider do not. All connections are
channels of one ssh: a `docker system dial-stdio` for each, as the docker command has it, takes some tenths of a second.
"""

import argparse
import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from stacks.engine_address import OVER_SSH
from toolchain.command import StepError

KEY, KNOWN_HOSTS = "DEPLOY_SSH_KEY", "DEPLOY_SSH_KNOWN_HOSTS"
"""What a machine without an ~/.ssh of its own, a CI runner, is given instead: the contents of the two files."""
KEY_FILE = "key"
FOLDER = "engine-"
SOCKET = "/var/run/docker.sock"
"""Where the engine listens over there, unless the address ends in another path."""
CONNECT_SECONDS = 30
ALIVE_SECONDS = 15
"""How long ssh hears nothing before it asks whether anybody is there; after three such questions it gives up."""
PLACES = Path("/tmp")  # noqa: S108 - of whom a place is, is looked at
"""On every machine the same, whatever TMPDIR says: the path of the socket gets into Pulumi's state."""
ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def engine_over_ssh(environment: MutableMapping[str, str]) -> Iterator[None]:
    """While it is entered, DOCKER_HOST is a socket that leads where its ssh:// led; any other is left as it is.

    Raises StepError when nobody answers there, or not the one who is expected.
    """
    address = environment.get("DOCKER_HOST", "")
    if not address.startswith("ssh://"):
        yield
        return
    before = dict(environment)
    with _ended_in_order(), tempfile.TemporaryDirectory(prefix=FOLDER) as name:
        folder = Path(name)
        options = list(_given(environment, folder))
        with _forwarded(address, folder, options) as here, _at_its_place(address, here) as engine:
            (folder / KEY_FILE).unlink(missing_ok=True)  # ssh has used it
            environment.update({"DOCKER_HOST": f"unix://{engine}", OVER_SSH: address})
            try:
                yield
            finally:
                environment.clear()
                environment.update(before)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """While it is entered, the first of ENDING is a SystemExit, so that nothing stays; later ones go nowhere.

    What somebody else handles, or ignores as `nohup` does, is left to them.
    """
    mine = [number for number in ENDING if signal.getsignal(number) is signal.SIG_DFL]

    def end(number: int, _: FrameType | None) -> None:
        for one in mine:
            signal.signal(one, lambda *_: None)
        sys.exit(128 + number)  # as a shell counts it

    try:
        for number in mine:
            signal.signal(number, end)
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_DFL)


def _given(environment: MutableMapping[str, str], folder: Path) -> Iterator[str]:
    """Key and known hosts out of the environment, which what runs here need not see, into files of this folder."""
    if key := environment.pop(KEY, ""):
        yield from ("-o", "IdentitiesOnly=yes", "-i", _kept(folder / KEY_FILE, key))
    if hosts := environment.pop(KNOWN_HOSTS, ""):
        yield from ("-o", f"UserKnownHostsFile={_kept(folder / 'known_hosts', hosts)}")


def _kept(file: Path, text: str) -> str:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(f"{text.strip()}\n")
    return str(file)


@contextmanager
def _forwarded(address: str, folder: Path, options: list[str]) -> Iterator[Path]:
    here, errors = folder / "docker.sock", folder / "ssh.log"
    where = urlsplit(address)
    port = ["-p", str(where.port)] if where.port else []
    host = where.netloc.removesuffix(f":{where.port}").replace("[", "").replace("]", "")  # ssh takes ::1 bare
    chosen = ("BatchMode=yes", "ExitOnForwardFailure=yes", f"ServerAliveInterval={ALIVE_SECONDS}")
    forward = ["-N", *(word for one in chosen for word in ("-o", one)), "-L", f"{here}:{where.path or SOCKET}"]
    # A session of its own, which no Ctrl-C reaches: who uses the socket ends in their own way.
    quiet = subprocess.DEVNULL
    with (
        errors.open("wb") as log,
        subprocess.Popen(  # noqa: S603
            ["ssh", *forward, *port, *options, "--", host],  # noqa: S607
            stdin=quiet,
            stdout=quiet,
            stderr=log,
            start_new_session=True,
        ) as ssh,
    ):
        try:
            _wait_for_engine(address, here, ssh, errors)
            yield here
        finally:
            ssh.kill()  # it has nothing to put in order


@contextmanager
def _at_its_place(address: str, here: Path) -> Iterator[Path]:
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
            _lead(engine, next((one for one in others if _ping(one)), None))
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


def _wait_for_engine(address: str, here: Path, ssh: subprocess.Popen[bytes], errors: Path) -> None:
    deadline = time.monotonic() + CONNECT_SECONDS
    while (answer := _ping(here)) is None:
        if ssh.poll() is not None or time.monotonic() > deadline:
            raise _refusal(address, errors)
        time.sleep(0.05)
    if b" 200 " not in answer:
        raise _refusal(address, errors)


def _ping(engine: Path) -> bytes | None:
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


def _refusal(address: str, errors: Path) -> StepError:
    said = [line for line in errors.read_text(errors="replace").splitlines() if line.strip("@ ")]
    return StepError(
        f"no Docker engine answers at DOCKER_HOST={address}:\n    "
        + "\n    ".join(said or [f"no answer within {CONNECT_SECONDS} s"])
        + f"\nTry `docker -H {address} version`; {KEY} and {KNOWN_HOSTS}, where they are set, hold a private key and "
        "the host's line of known_hosts."
    )


def main() -> int:
    """Run a command whose DOCKER_HOST may be ssh://, and end as it does."""
    parser = argparse.ArgumentParser(prog="python -m toolchain.ssh_engine", description=__doc__)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    command = parser.parse_args().command
    try:
        with _ended_in_order(), engine_over_ssh(os.environ), subprocess.Popen(command) as running:  # noqa: S603
            # Ctrl-C reaches the command by itself; this process stays until that has ended.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            try:
                return running.wait()
            finally:
                running.terminate()  # pulumi takes it for Ctrl-C; one that has ended is left alone
    except StepError as failure:
        sys.stderr.write(f"error: {failure}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
