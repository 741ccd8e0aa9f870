"""The one image that all others are built from."""

import shlex
import tempfile
from pathlib import Path

from toolchain.command import Command, StepError, found
from toolchain.machine import cache_folder, install_packages, installs_packages
from toolchain.official import OfficialDownloads
from toolchain.step import Say

TAG = "debian:trixie-slim"
SUITE = "trixie"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
OWN_CERTIFICATES = Path("/usr/local/share/ca-certificates")
PULL_SECONDS = 600
MIRROR_SECONDS = 20  # behind a firewall only a near mirror of the image registry can answer


class BaseImage:
    """Pulls the base image, or makes it from the Debian mirror where the image registry is out of reach."""

    name = "base image"

    def __init__(self, downloads: OfficialDownloads, tag: str = TAG) -> None:
        self.downloads = downloads
        self.tag = tag

    def present(self) -> str | None:
        """Return the image's name when the engine has it."""
        asked = Command(["docker", "image", "inspect", self.tag], advice="", seconds=20).outcome()
        return self.tag if asked.returncode == 0 else None

    def install(self, say: Say) -> str:
        """Pull or make the image."""
        say(f"pulling {self.tag}")
        seconds = PULL_SECONDS if self.downloads.reachable else MIRROR_SECONDS
        pull = Command(["docker", "pull", "-q", self.tag], advice="", seconds=seconds)
        pulled = pull.outcome()
        if pulled.returncode == 0:
            return f"{self.tag}, pulled"
        if not self._can_be_made():
            raise StepError(
                f"{pull.failure(pulled)}Let the engine reach its image registry,"
                f" or `docker load` {self.tag} into it; then run `make up` again."
            )
        say("making it from the Debian mirror with mmdebstrap")
        self._make()
        reason = pulled.stderr.strip().rpartition(": ")[2]
        return f"{self.tag}, made from the Debian mirror (not to be pulled: {reason})"

    @staticmethod
    def _can_be_made() -> bool:
        if installs_packages() and not (found("mmdebstrap") and KEYRING.exists()):
            install_packages("mmdebstrap", "debian-archive-keyring")
        return found("mmdebstrap") is not None and KEYRING.exists()

    def _make(self) -> None:
        cache_folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache_folder()) as temporary:
            archive = Path(temporary) / "base.tar"
            # force-unsafe-io, as the official image has it: nothing in an image build outlives a power cut
            options = ["--quiet", "--variant=minbase", "--include=ca-certificates", "--dpkgopt=force-unsafe-io"]
            hooks = [f"--customize-hook={hook}" for hook in certificate_hooks()]
            advice = "Check that this machine reaches a Debian mirror, then run `make up` again."
            Command(["mmdebstrap", *options, f"--keyring={KEYRING}", *hooks, SUITE, archive], advice=advice).run()
            advice = "Check the engine's disk space (`docker system df`), then run `make up` again."
            Command(["docker", "import", "--change", 'CMD ["bash"]', archive, self.tag], advice=advice).run()


def certificate_hooks() -> list[str]:
    """Return what gives the image this machine's trust, to which a firewall may have added its own authority."""
    own = sorted(OWN_CERTIFICATES.glob("*.crt"))
    copy = [f"copy-in {shlex.join(str(file) for file in own)} {OWN_CERTIFICATES}"] if own else []
    bundle = [f"copy-in {CERTIFICATES} {CERTIFICATES.parent}"] if CERTIFICATES.exists() else []
    return [*copy, 'chroot "$1" update-ca-certificates', *bundle]
