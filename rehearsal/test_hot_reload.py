"""Hot reload turned on and off again: what a change of the source does, and what it leaves alone."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from rehearsal.project import Project
from smoke_tests.browser import browser

API_SOURCE = "images/api/market_research/__init__.py"
API_ROUTES = "images/api/market_research/routes.py"
UI_SOURCE = "images/frontend/src/Shell.tsx"
UI_STYLE = "images/frontend/src/styles/style.css"
RELEASED, CHANGED = '__version__ = "0.1.0"', '__version__ = "0.1.0-changed"'
PATIENCE_SECONDS = 60  # for a busy machine; the measured times are printed


@pytest.fixture(scope="module")
def reloading(project: Project) -> Iterator[Project]:
    choose(project, "set", "hot_reload", "true")
    yield project
    choose(project, "rm", "hot_reload")


def choose(project: Project, *change: str) -> None:
    """Change the stack's file as people do, and bring the stack to it."""
    changed = project.pulumi("config", *change)
    assert changed.code == 0, changed.text
    result = project.up()
    assert result.code == 0, result.text


@pytest.fixture(autouse=True)
def no_container_is_replaced(reloading: Project) -> Iterator[None]:
    before = reloading.containers()
    yield
    assert reloading.containers() == before


@pytest.fixture(scope="module")
def url(reloading: Project) -> str:
    return reloading.outputs().url


@pytest.fixture(scope="module")
def page(url: str) -> Iterator[Page]:
    """The UI in a browser that nobody tells to load it again."""
    with browser() as chromium:
        page = chromium.new_page()
        seconds_until(lambda: shows_the_ui(page, url))
        yield page


def shows_the_ui(page: Page, url: str) -> bool:
    """Whether the page loads in full: Chromium drops its requests when another container joins the host's networks."""
    page.goto(url)
    try:
        page.get_by_role("link", name="Status", exact=True).wait_for(timeout=15_000)
    except PlaywrightTimeout:
        return False
    return True


def version(url: str) -> str:
    """What the API says of itself; nothing while it does not answer."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=1) as answer:
            return str(json.load(answer)["version"])
    except OSError:
        return ""


def seconds_until(holds: Callable[[], bool]) -> float:
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < PATIENCE_SECONDS
        time.sleep(0.05)
    return time.monotonic() - begun


def test_a_change_of_the_apis_source_is_in_its_next_answers(reloading: Project, url: str) -> None:
    with reloading.changed(API_SOURCE, {RELEASED: CHANGED}):
        seconds = seconds_until(lambda: version(url) == "0.1.0-changed")
    seconds_until(lambda: version(url) == "0.1.0")
    print(f"\na change of the API's source is visible after {seconds:.1f} s")  # noqa: T201


def test_an_api_that_does_not_start_comes_back_with_the_next_change(reloading: Project, url: str) -> None:
    with reloading.changed(API_ROUTES, {"from fastapi": "from nowhere"}):
        seconds_until(lambda: not version(url))
    seconds_until(lambda: version(url) == "0.1.0")


def test_a_change_of_a_component_is_shown_by_itself(reloading: Project, page: Page) -> None:
    begun = time.monotonic()
    with reloading.changed(UI_SOURCE, {">Status</Link>": ">State of the services</Link>"}):
        expect(page.get_by_text("State of the services")).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
        print(f"\na change of a component is visible after {time.monotonic() - begun:.1f} s")  # noqa: T201
    expect(page.get_by_text("Status", exact=True)).to_be_visible(timeout=PATIENCE_SECONDS * 1000)


def test_a_change_of_a_style_is_shown_without_loading_the_page_again(reloading: Project, page: Page) -> None:
    expect(page.locator("footer")).to_have_css("letter-spacing", "normal")
    page.evaluate("window.kept = true")
    style = (reloading.folder / UI_STYLE).read_text()
    begun = time.monotonic()
    with reloading.changed(UI_STYLE, {style: f"{style}\nfooter {{ letter-spacing: 7px }}\n"}):
        expect(page.locator("footer")).to_have_css("letter-spacing", "7px", timeout=PATIENCE_SECONDS * 1000)
        print(f"\na change of a style is visible after {time.monotonic() - begun:.1f} s")  # noqa: T201
    assert page.evaluate("window.kept") is True


@pytest.mark.parametrize("refresh", [[], ["--refresh"]], ids=["plain", "refreshed"])
def test_changed_source_leaves_nothing_to_deploy(reloading: Project, refresh: list[str]) -> None:
    with (
        reloading.changed(API_SOURCE, {RELEASED: CHANGED}),
        reloading.changed(UI_SOURCE, {">Status</Link>": ">State of the services</Link>"}),
    ):
        result = reloading.pulumi("preview", "--diff", "--expect-no-changes", *refresh)
    assert result.code == 0, result.text
