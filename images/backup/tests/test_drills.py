"""A drill: in which order, and what is kept of it."""

from pathlib import Path
from typing import Any

import pytest
from backup.clock import EndedError
from backup.drills import drill, last_reports
from backup.jobs_file import DRILL
from backup.work import BusyError, read

from tests.gate import Stand, stand


def test_it_fetches_brings_up_and_judges(whole: Stand) -> None:
    whole.gate.containers["drill-redis"].looks = 20
    whole.gate.containers["drill-judge"].work = whole.gate.writes("drill-judge", facts_equal=True)
    report = drill(whole.dormants)
    assert whole.gate.started() == list(DRILL)
    assert (report["ok"], report["facts_equal"]) == (True, True)
    assert report["stores"].keys() == {"postgres", "redis", "neo4j"}
    assert report["stores"]["redis"] == 10
    assert read(whole.work.reports / f"{report['drill']}.json") == report


def test_nothing_is_brought_up_of_what_was_not_fetched(whole: Stand) -> None:
    whole.gate.containers["drill-fetch"].work = whole.gate.writes("drill-fetch", 1, error="the off-site copy is away")
    report = drill(whole.dormants)
    assert whole.gate.started() == ["drill-fetch"]
    assert (report["ok"], report["jobs"][0]["error"]) == (False, "the off-site copy is away")


def test_a_store_that_does_not_come_up_is_judged_with_the_others(whole: Stand) -> None:
    whole.gate.containers["drill-postgres"].work = lambda: 3
    report = drill(whole.dormants)
    assert whole.gate.started() == list(DRILL)
    assert not report["ok"]


def test_a_judge_that_finds_a_difference_makes_it_bad(whole: Stand) -> None:
    found = ["redis: keys: 3 in the manifest, 2 restored"]
    whole.gate.containers["drill-judge"].work = whole.gate.writes("drill-judge", 1, error="differs", differences=found)
    report = drill(whole.dormants)
    assert (report["ok"], report["differences"]) == (False, found)


def test_a_drill_that_is_told_to_end_is_a_bad_one(whole: Stand) -> None:
    whole.clock.ends = lambda: whole.gate.containers["drill-redis"].running
    with pytest.raises(EndedError):
        drill(whole.dormants)
    assert whole.gate.asked[-1] == "stop drill-redis t=10"
    last, good = last_reports(whole.work)
    assert (last["ok"], last["error"], good) == (False, "told to end", {})


def test_it_is_refused_beside_a_run(whole: Stand) -> None:
    with whole.work.alone("daily"), pytest.raises(BusyError):
        drill(whole.dormants)


def test_a_store_that_the_stack_does_not_have_is_left_out(tmp_path: Path) -> None:
    with stand(tmp_path, "drill-neo4j") as less:
        asked: list[dict[str, Any]] = []
        less.gate.notes("drill-fetch", lambda: asked.append(read(less.work.request)))
        assert drill(less.dormants)["ok"]
        assert less.gate.started() == ["drill-fetch", "drill-postgres", "drill-redis", "drill-judge"]
        assert asked == [{"stores": ["postgres", "redis", "files"]}]
