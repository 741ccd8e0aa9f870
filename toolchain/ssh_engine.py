"""An engine that DOCKER_HOST names by ssh://: ssh brings its socket to this machine, for those who speak no ssh.

The docker command and the official plugin do, the Docker SDK and the built-in provider do not. All connections are
channels of one ssh: a `docker system dial-stdio` for each, as the docker command has it, takes some tenths of a second.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

from stacks.engine_address import OVER_SSH
from toolchain.command import StepError
from toolchain.engine_socket import CONNECT_SECONDS, FOLDER, SOCKET, at_its_place, ping

KEY, KNOWN_HOSTS = "DEPLOY_SSH_KEY", "DEPLOY_SSH_KNOWN_HOSTS"
"""What a machine without an ~/.ssh of its own, a CI runner, is given instead: the contents of the two files."""
KEY_FILE = "key"
ALIVE_SECONDS = 15
"""How long ssh hears nothing before it asks whether anybody is there; after three such questions it gives up."""
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
        with _forwarded(address, folder, options) as here, at_its_place(address, here) as engine:
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


def _wait_for_engine(address: str, here: Path, ssh: subprocess.Popen[bytes], errors: Path) -> None:
    deadline = time.monotonic() + CONNECT_SECONDS
    while (answer := ping(here)) is None:
        if ssh.poll() is not None or time.monotonic() > deadline:
            raise _refusal(address, errors)
        time.sleep(0.05)
    if b" 200 " not in answer:
        raise _refusal(address, errors)


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
