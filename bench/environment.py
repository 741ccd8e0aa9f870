"""The load generator's own Python environment: Locust brings more packages than the whole project needs otherwise."""

import hashlib
import sys
from pathlib import Path

from toolchain.command import Command
from toolchain.machine import cache_folder
from toolchain.step import Say
from toolchain.unfinished import unfinished

LOCK = Path(__file__).with_name("requirements.lock")
ADVICE = "Check that pip reaches a package index (`pip config list`), then run `make load` again."


class LoadEnvironment:
    """Makes the environment from its lock, once for each lock and Python."""

    name = "load generator"

    def __init__(self, lock: Path = LOCK) -> None:
        self.lock = lock
        self.folder = cache_folder() / "load"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / "bin" / "python"

    def present(self) -> str | None:
        """Return the environment's folder when it is made from this lock."""
        stamp = self.folder / "made-from"
        return str(self.folder) if stamp.exists() and stamp.read_text() == self._wanted() else None

    def install(self, say: Say) -> str:
        """Make the environment."""
        say("installing Locust from PyPI")
        with unfinished(self.folder) as folder:
            Command([sys.executable, "-m", "venv", folder], advice=ADVICE).run()
            install = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r"]
            Command([folder / "bin" / "python", *install, self.lock], advice=ADVICE).run()
            (folder / "made-from").write_text(self._wanted())
        return str(self.folder)

    def _wanted(self) -> str:
        return f"{hashlib.sha256(self.lock.read_bytes()).hexdigest()} {sys.version}"
