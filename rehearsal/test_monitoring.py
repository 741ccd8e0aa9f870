"""A stack that gets those who watch, and does without them again."""

import sys
from collections.abc import Iterator

import pytest

from rehearsal.project import Project, free_port
from stacks.monitoring import MONITORING_LIMITS


@pytest.fixture(scope="module")
def watched(project: Project) -> Iterator[Project]:
    """The stack with monitoring; afterwards without."""
    project.set("monitoring", {"port": free_port(), "scrape_seconds": 5})
    result = project.up()
    assert result.code == 0, result.text
    print(f"\nup with those who watch: {result.seconds:.0f} s")  # noqa: T201
    yield project
    project.drop("zipkin")
    project.set("monitoring", None)
    result = project.up()
    assert result.code == 0, result.text


def test_those_who_watch_come_up_beside_the_others(watched: Project) -> None:
    assert MONITORING_LIMITS.keys() <= watched.containers().keys()


def test_the_smoke_tests_pass_with_them(watched: Project) -> None:
    about = ("monitoring", "services", "hardening", "connections", "isolation", "secrets", "cis")
    suites = [f"smoke_tests/test_{name}.py" for name in about]
    result = watched.run(sys.executable, "-m", "pytest", *suites, "-q", "--stack", watched.stack)
    assert result.code == 0, result.text
    print(result.text[-300:])  # noqa: T201 - the figures of the run


@pytest.mark.parametrize("refresh", [[], ["--refresh"]], ids=["plain", "refreshed"])
def test_there_is_nothing_left_to_change_with_them(watched: Project, refresh: list[str]) -> None:
    result = watched.pulumi("preview", "--diff", "--expect-no-changes", *refresh)
    assert result.code == 0, result.text


def test_a_changed_limit_changes_the_alert_and_leaves_the_product_alone(watched: Project) -> None:
    before = watched.containers()
    watched.choose("zipkin", memory_mb=400)
    result = watched.up()
    assert result.code == 0, result.text
    after = watched.containers()
    # A limit of memory is changed while the container runs; the rules are a file that Prometheus starts with.
    assert {name for name in after if after[name] != before[name]} == {"prometheus"}
