"""Pulumi's own downloads: whether this machine reaches them, asked once."""

from dataclasses import dataclass
from functools import cached_property

from toolchain.command import Command, StepError, found
from toolchain.machine import install_packages, installs_packages

ADDRESS = "https://get.pulumi.com"
CONNECT_SECONDS = 4
SERVER_TROUBLE = ("429", "5")


@dataclass(frozen=True)
class Answer:
    """What the download server said: the installer script, or why there is none."""

    installer: str | None
    reason: str = ""


class OfficialDownloads:
    """The official download server, which a firewall may keep away."""

    def __init__(self, address: str = ADDRESS) -> None:
        self.address = address

    @property
    def reachable(self) -> bool:
        """Whether the server hands out the installer. Raises StepError when it is there but in trouble."""
        return self.answer.installer is not None

    @cached_property
    def answer(self) -> Answer:
        """Ask for the installer once; every later step goes by this answer."""
        if not found("curl"):
            self._install_curl()
        limits = ["--connect-timeout", str(CONNECT_SECONDS), "--max-time", "30"]
        asked = Command(["curl", "-sSL", *limits, "-w", "\n%{http_code}", self.address], advice="").outcome()
        host = self.address.split("//")[-1]
        if asked.returncode != 0:
            return Answer(None, f"{host} is out of reach, curl code {asked.returncode}")
        script, _, status = asked.stdout.rpartition("\n")
        if status.startswith(SERVER_TROUBLE):
            raise StepError(f"{self.address} answered with HTTP {status}.\nTry again in a few minutes.")
        if status != "200" or not script.startswith("#!"):
            return Answer(None, f"{host} answers with HTTP {status} and no installer")
        return Answer(script)

    @staticmethod
    def _install_curl() -> None:
        if not installs_packages():
            raise StepError("curl is missing.\nInstall it: Pulumi's installer needs it; then run `make up` again.")
        install_packages("curl", "ca-certificates")
