"""The life of a stack, in the order of a real one's."""

import sys

import pytest

from rehearsal.project import Project

API_SOURCE = "images/api/market_research/__init__.py"
API_START = "images/api/market_research/__main__.py"


def test_five_services_come_up(project: Project) -> None:
    assert set(project.containers()) == {"postgres", "redis", "neo4j", "api", "frontend"}


def test_the_smoke_tests_pass(project: Project) -> None:
    options = ["-q", "--require-browser", "--stack", project.stack]
    result = project.run(sys.executable, "-m", "pytest", "smoke_tests", *options)
    assert result.code == 0, result.text
    print(result.text[-300:])  # noqa: T201 - the figures of the run


@pytest.mark.parametrize("refresh", [[], ["--refresh"]], ids=["plain", "refreshed"])
def test_there_is_nothing_left_to_change(project: Project, refresh: list[str]) -> None:
    result = project.pulumi("preview", "--diff", "--expect-no-changes", *refresh)
    assert result.code == 0, result.text


def test_a_second_up_changes_nothing(project: Project) -> None:
    before = project.containers()
    result = project.up()
    assert result.code == 0, result.text
    assert project.containers() == before
    print(f"up without a change: {result.seconds:.1f} s")  # noqa: T201


def test_a_change_of_the_apis_source_replaces_only_the_api_which_is_found_again(project: Project) -> None:
    before = project.containers()
    (project.folder / API_SOURCE).open("a").write("\nCHANGED = True\n")
    result = project.up()
    assert result.code == 0, result.text
    after = project.containers()
    assert {name for name in after if after[name] != before[name]} == {"api"}
    assert project.status("/health") == 200
    print(f"up with a change of the API's source: {result.seconds:.1f} s")  # noqa: T201


def test_a_version_that_never_gets_healthy_is_refused_every_time_until_it_is_taken_back(project: Project) -> None:
    before = project.containers()
    start = (project.folder / API_START).read_text()
    with project.changed(API_START, {start: f'raise SystemExit("broken on purpose")\n{start}'}):
        for arguments in ([], [], ["--refresh"]):
            result = project.up(*arguments)
            assert result.code != 0
            assert "broken on purpose" in result.text, result.text
            assert "last log lines:" in result.text
            assert "health log:" in result.text
            assert "Traceback" not in result.text
            now = project.containers()
            assert {name for name in before if now.get(name) != before[name]} == {"api"}
    result = project.up()
    assert result.code == 0, result.text
    assert project.status("/health") == 200
