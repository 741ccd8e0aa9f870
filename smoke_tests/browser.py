"""The browser that the tests drive: Playwright's own where it is installed, else one on PATH.

`python -m smoke_tests.browser` prints which one that is.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
INSTALL = "playwright install --with-deps chromium"


class NoBrowserError(Exception):
    """There is no browser to drive; the message is one sentence and says what to type."""


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without a window, closed afterwards. Raises NoBrowserError where none is installed."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program(playwright))
        try:
            yield running
        finally:
            running.close()


def program(playwright: Playwright) -> Path:
    """The browser's executable. Raises NoBrowserError where there is none."""
    own = Path(playwright.chromium.executable_path)
    on_path = (Path(found) for name in PROGRAMS if (found := shutil.which(name)))
    for candidate in (own, *on_path):
        if candidate.exists():
            return candidate
    raise NoBrowserError(f"no browser is installed: `{INSTALL}` or the package chromium of the system brings one")


if __name__ == "__main__":
    try:
        with sync_playwright() as started:
            sys.stdout.write(f"{program(started)}\n")
    except NoBrowserError as error:
        sys.exit(str(error))
