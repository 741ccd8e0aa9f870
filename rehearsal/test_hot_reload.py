"""Hot reload turned on and off again: what a change of the source does, and what it leaves alone."""

import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from rehearsal.project import Project

API_SOURCE = "images/api/market_research/__init__.py"
UI_SOURCE = "images/frontend/src/Shell.tsx"
VISIBLE_SECONDS = 10


def choose(project: Project, *change: str) -> None:
    """Change the stack's file as people do, and bring the stack to it."""
    changed = project.pulumi("config", *change)
    assert changed.code == 0, changed.text
    result = project.up()
    assert result.code == 0, result.text


@pytest.fixture(scope="module")
def reloading(project: Project) -> Iterator[Project]:
    choose(project, "set", "hot_reload", "true")
    yield project
    choose(project, "rm", "hot_reload")


@pytest.fixture
def url(reloading: Project) -> str:
    return reloading.outputs().url


@pytest.fixture(autouse=True)
def no_container_is_replaced(reloading: Project) -> Iterator[None]:
    before = reloading.containers()
    yield
    assert reloading.containers() == before


def read(address: str) -> str:
    """What is answered, whatever its status; nothing when nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=VISIBLE_SECONDS) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def seconds_until(holds: Callable[[], bool]) -> float:
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < VISIBLE_SECONDS
        time.sleep(0.05)
    return time.monotonic() - begun


def test_a_change_of_the_apis_source_is_in_its_next_answers(reloading: Project, url: str) -> None:
    with reloading.changed(API_SOURCE, {'__version__ = "0.1.0"': '__version__ = "0.1.0-changed"'}):
        seconds = seconds_until(lambda: "0.1.0-changed" in read(f"{url}/api/openapi.json"))
    print(f"a change of the API's source is answered after {seconds:.1f} s")  # noqa: T201
    seconds_until(lambda: '"0.1.0"' in read(f"{url}/api/openapi.json"))
