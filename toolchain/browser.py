"""The browser in which the smoke tests use the UI."""

import sys

from toolchain.command import Command, StepError
from toolchain.machine import checkout, install_packages, installs_packages, package_exists
from toolchain.step import Say

PACKAGE = "chromium"
NEEDED = "Type `playwright install --with-deps chromium`, or put chromium or google-chrome on PATH."


class Browser:
    """Takes the browser that the smoke tests find, or Debian's Chromium, as root, where they find none."""

    name = "browser"

    def present(self) -> str | None:
        """Return the browser that the smoke tests would drive: they are asked themselves."""
        look = [sys.executable, "-m", "smoke_tests.browser"]
        asked = Command(look, advice="", seconds=60, folder=checkout()).outcome()
        return asked.stdout.strip() if asked.returncode == 0 else None

    def install(self, say: Say) -> str:
        """Install Chromium from the distribution's packages."""
        if not (installs_packages() and package_exists(PACKAGE)):
            raise StepError(f"no browser is found, and only root on Debian can have one installed.\n{NEEDED}")
        say(f"installing {PACKAGE} from apt")
        install_packages(PACKAGE)
        browser = self.present()
        if browser is None:
            raise StepError(f"{PACKAGE} is installed, and still the smoke tests find no browser.\n{NEEDED}")
        return f"{browser}, from apt"
