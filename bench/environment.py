"""The benchmarks' own Python environment: Locust brings more packages than the whole project needs otherwise."""

import hashlib
import sys
from pathlib import Path

from toolchain.command import Command
from toolchain.machine import cache_folder
from toolchain.step import Say
from toolchain.unfinished import unfinished

LOCK = Path(__file__).with_name("requirements.lock")
ADVICE = "Check that pip reaches a package index (`pip config list`), then run the same command again."


class LoadEnvironment:
    """Makes the environment from its lock, once for each lock and Python."""

    name = "benchmarks"

    def __init__(self, lock: Path = LOCK) -> None:
        self.lock = lock
        self.folder = cache_folder() / "load"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.program("python")

    def program(self, name: str) -> Path:
        """One of the environment's programs."""
        return self.folder / "bin" / name

    def present(self) -> str | None:
        """Return the environment's folder when it is made from this lock."""
        stamp = self.folder / "made-from"
        return str(self.folder) if stamp.exists() and stamp.read_text() == self._wanted() else None

    def install(self, say: Say) -> str:
        """Make the environment."""
        say("installing Locust and Docker Compose from PyPI")
        with unfinished(self.folder) as folder:
            Command([sys.executable, "-m", "venv", folder], advice=ADVICE).run()
            install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r"]
            Command([folder / "bin" / "python", *install, self.lock], advice=ADVICE).run()
            (folder / "made-from").write_text(self._wanted())
        return str(self.folder)

    def _wanted(self) -> str:
        return f"{hashlib.sha256(self.lock.read_bytes()).hexdigest()} {sys.version}"
