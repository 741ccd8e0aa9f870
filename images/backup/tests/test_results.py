"""A job's result is in its file from the start, is replaced as a whole, and a failed job has one too."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from backup import __main__ as command_line
from backup import drill, results, settings
from backup.settings import JobError, Request


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "WORK", tmp_path / "work")
    monkeypatch.setattr(settings, "EXCHANGE", tmp_path / "exchange")
    return tmp_path / "work"


def read(work: Path, job: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((work / "results" / f"{job}.json").read_text())
    return content


def test_a_good_job_leaves_what_it_measured(work: Path) -> None:
    with results.recorded("redis") as result:
        assert read(work, "redis")["error"].startswith("it did not come to its end")
        result.bytes = 7
    found = read(work, "redis")
    assert (found["ok"], found["bytes"], "error" in found) == (True, 7, False)
    assert found["seconds"] >= 0
    assert [path.name for path in (work / "results").iterdir()] == ["redis.json"]


def test_a_failed_job_leaves_the_reason(work: Path) -> None:
    with pytest.raises(JobError), results.recorded("redis"):
        raise JobError("no room")
    found = read(work, "redis")
    assert (found["ok"], found["error"]) == (False, "no room")


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [(JobError("no\n room"), 1, "backup: no room\n"), (OSError(28, "No space", "/x"), 1, "backup: /x: No space\n")],
)
def test_a_failure_is_one_line_and_a_code(
    error: Exception, code: int, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setitem(command_line.JOBS, "redis", failing)
    assert command_line.main(["job", "redis"]) == code
    assert capsys.readouterr().err == told


@pytest.mark.parametrize(
    "arguments", [[], ["job"], ["job", "mongodb"], ["show", "x"], ["list", "--jsn"], ["key", "x", "y"]]
)
def test_a_wrong_command_is_answered_with_the_right_ones(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command_line.main(arguments) == 2
    assert "allowed is one of" in capsys.readouterr().err


def laid_out(store: str, expected: Mapping[str, Any], found: str | None) -> None:
    top = settings.EXCHANGE / "drill"
    (top / "expected").mkdir(parents=True, exist_ok=True)
    (top / "neo4j").mkdir(exist_ok=True)
    (top / "expected" / f"{store}.json").write_text(json.dumps(expected))
    if found is not None:
        (top / drill.FOUND[store]).write_text(found)


def judged() -> results.Result:
    result = results.Result("drill-judge", "now")
    drill.judge(Request(), result)
    return result


def test_a_drill_in_which_all_is_equal_passes_and_leaves_nothing() -> None:
    laid_out("redis", {"keys": 3}, "keys\t3\n")
    laid_out("neo4j", {"nodes": 3, "checksum": "-1"}, '{"nodes": 3, "checksum": "-1"}')
    assert judged().facts_equal is True
    assert list((settings.EXCHANGE / "drill").iterdir()) == []


@pytest.mark.parametrize(
    ("found", "told"),
    [("keys\t2\n", "keys: 3 in the manifest, 2"), (None, "nothing was found"), ("", "missing")],
)
def test_a_drill_fails_by_one_row_by_nothing_found_and_by_an_empty_answer(found: str | None, told: str) -> None:
    laid_out("files", {"files": 1}, '{"files": 1}')
    laid_out("redis", {"keys": 3}, found)
    result = results.Result("drill-judge", "now")
    with pytest.raises(JobError, match=f"the drill failed, .*redis: .*{told}"):
        drill.judge(Request(), result)
    assert result.facts_equal is False
    assert (result.report["files"]["ok"], result.report["redis"]["ok"]) == (True, False)


def test_a_drill_without_anything_to_judge_fails() -> None:
    with pytest.raises(JobError, match="let drill-fetch run first"):
        judged()
