"""The browser that the tests drive: Playwright's own where it is installed, else one on PATH.

`python -m smoke_tests.browser` prints which one that is.
"""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
INSTALL = "playwright install --with-deps chromium"
STEP_SECONDS = 15
TELL_OF_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (violation) =>
    console.error(`${violation.violatedDirective} forbids ${violation.blockedURI}`));
"""


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


@contextmanager
def fresh_page(running: Browser, origin: str) -> Iterator[Page]:
    """An empty page of a browser that knows nobody; its console tells of what the policy forbids."""
    # Whom the certificate is for, and who signed it, is looked at where HTTP is spoken without a browser.
    with running.new_context(base_url=origin, ignore_https_errors=True) as context:
        context.add_init_script(TELL_OF_VIOLATIONS)
        context.set_default_timeout(STEP_SECONDS * 1000)
        expect.set_options(timeout=STEP_SECONDS * 1000)
        yield context.new_page()


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
