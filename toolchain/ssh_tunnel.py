"""The ssh that forwards an engine's socket."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from toolchain.command import StepError

KEY, KNOWN_HOSTS = "DEPLOY_SSH_KEY", "DEPLOY_SSH_KNOWN_HOSTS"
"""What a machine without an ~/.ssh of its own, a CI runner, is given instead: the contents of the two files."""
SOCKET = "/var/run/docker.sock"
"""Where the engine listens over there, unless the address ends in another path."""
CONNECT_SECONDS = 30
END_SECONDS = 10
ALIVE_SECONDS = 15
"""How long ssh hears nothing before it asks whether anybody is there; after three such questions it gives up."""
CHOSEN = (
    "BatchMode=yes",
    "ExitOnForwardFailure=yes",
    f"ServerAliveInterval={ALIVE_SECONDS}",
    "ControlMaster=yes",
    "ControlPersist=no",
)
OPTIONS = [word for one in CHOSEN for word in ("-o", one)]


@dataclass(frozen=True)
class Tunnel:
    """Where it leads, an ssh:// address, and the contents of a key and of known hosts, empty for those of the user."""

    address: str
    key: str = field(default="", repr=False)
    known_hosts: str = ""

    def start(self, engine: Path) -> None:
        """Start ssh, which stays when whoever starts it is gone. Raises StepError when nobody is there, or another."""
        where = urlsplit(self.address)
        port = ["-p", str(where.port)] if where.port else []
        host = where.netloc.removesuffix(f":{where.port}").replace("[", "").replace("]", "")  # ssh takes ::1 bare
        # -f: it goes into the background, to a session that no Ctrl-C reaches, as soon as it listens here.
        forward = ["-f", "-N", *OPTIONS, "-S", str(_control(engine)), "-L", f"{engine}:{where.path or SOCKET}"]
        with tempfile.TemporaryDirectory(prefix="ssh-") as name:
            folder = Path(name)
            given = self._given(folder)  # ssh has read it by the time it is in the background
            self._run(["ssh", *forward, *given, *port, "--", host], folder / "said")

    def _given(self, folder: Path) -> Iterator[str]:
        if self.key:
            yield from ("-o", "IdentitiesOnly=yes", "-i", _kept(folder / "key", self.key))
        if self.known_hosts:
            yield from ("-o", f"UserKnownHostsFile={_kept(folder / 'known_hosts', self.known_hosts)}")

    def _run(self, command: list[str], errors: Path) -> None:
        quiet = subprocess.DEVNULL
        with errors.open("wb") as log:  # not a pipe, which would be open as long as ssh runs
            try:
                subprocess.run(command, stdin=quiet, stdout=quiet, stderr=log, timeout=CONNECT_SECONDS, check=True)  # noqa: S603
            except subprocess.TimeoutExpired as error:
                raise self.refusal(f"no answer within {CONNECT_SECONDS} s") from error
            except subprocess.CalledProcessError as error:
                said = [line for line in errors.read_text(errors="replace").splitlines() if line.strip("@ ")]
                raise self.refusal(*said or [f"ssh ended with exit code {error.returncode}"]) from error

    def end(self, engine: Path) -> None:
        """End the ssh that listens there, whoever started it; none is fine."""
        control, deadline = _control(engine), time.monotonic() + END_SECONDS
        if control.exists() and _is_told_to_end(control):
            while control.exists() and time.monotonic() < deadline:  # the last thing that it takes away
                time.sleep(0.01)
        control.unlink(missing_ok=True)
        engine.unlink(missing_ok=True)

    def refusal(self, *said: str) -> StepError:
        """Why the engine cannot be talked to, and what to do."""
        return StepError(
            f"no Docker engine answers at DOCKER_HOST={self.address}:\n    "
            + "\n    ".join(said)
            + f"\nTry `docker -H {self.address} version`; {KEY} and {KNOWN_HOSTS}, where they are set, hold a private "
            "key and the host's line of known_hosts."
        )


def _control(engine: Path) -> Path:
    """The socket on which ssh takes orders: a process ID may be another's by the time somebody ends it."""
    return engine.with_name("control.sock")


def _is_told_to_end(control: Path) -> bool:
    """Whether an ssh took the order, which no Ctrl-C interrupts."""
    command = ["ssh", "-S", str(control), "-O", "exit", "--", "engine"]  # it wants some name of a host
    quiet = subprocess.DEVNULL
    try:
        told = subprocess.run(  # noqa: S603
            command, stdin=quiet, stdout=quiet, stderr=quiet, timeout=END_SECONDS, start_new_session=True, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return told.returncode == 0


def _kept(file: Path, text: str) -> str:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(f"{text.strip()}\n")
    return str(file)
