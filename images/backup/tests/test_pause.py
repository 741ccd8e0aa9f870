"""neo4j is stopped for its dump, and comes back whatever happens."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from backup.clock import EndedError
from backup.ledger import Ledger
from backup.pause import HEALTHY_SECONDS, Pause
from backup.runs import run
from backup.work import put, read

from tests.gate import START, Stand

SEQUENCE = ["stop neo4j t=120", "start neo4j-dump", "start neo4j", "start neo4j-count", "start backup-neo4j"]


def neo4j(stand: Stand) -> Mapping[str, Any]:
    """A run of this store alone."""
    return run(stand.dormants, lambda run: run.stores(["neo4j"], check=False), "test")


def errors(record: Mapping[str, Any]) -> dict[str, str]:
    """What went wrong, by job."""
    return {job["job"]: job["error"] for job in record["jobs"] if not job["ok"]}


def test_the_dump_is_made_while_it_is_stopped_and_the_rest_when_it_is_back(whole: Stand) -> None:
    service = whole.gate.containers["neo4j"]
    seen: list[bool] = []
    for name in ("neo4j-dump", "neo4j-count", "backup-neo4j"):
        whole.gate.notes(name, lambda: seen.append(service.running and service.left < 0))
    assert neo4j(whole)["ok"]
    assert whole.gate.asked[:5] == SEQUENCE
    assert seen == [False, True, True]
    assert not whole.work.pause.exists()


def test_how_long_it_was_away_is_measured(whole: Stand) -> None:
    whole.gate.containers["neo4j-dump"].looks = 60
    record = neo4j(whole)
    assert 30 <= record["neo4j_stopped_seconds"] < 36
    assert Ledger(whole.work).jobs()["neo4j-start"]["seconds"] == record["neo4j_stopped_seconds"]


def test_it_comes_back_after_a_dump_that_failed_and_nothing_is_counted_or_stored(whole: Stand) -> None:
    whole.gate.containers["neo4j-dump"].work = lambda: 1
    whole.gate.containers["neo4j-dump"].log = ["no room"]
    record = neo4j(whole)
    assert whole.gate.asked[:3] == SEQUENCE[:3]
    assert whole.gate.started() == ["neo4j-dump", "neo4j", "backup-copy"]
    assert errors(record) == {
        "neo4j-dump": "test-neo4j-dump ended with 1: no room",
        "neo4j": "no dump: test-neo4j-dump ended with 1: no room",
    }
    assert whole.gate.containers["neo4j"].running


def test_it_comes_back_when_the_dump_is_gone(whole: Stand) -> None:
    del whole.gate.containers["neo4j-dump"]
    assert "is gone: run `pulumi up --refresh" in errors(neo4j(whole))["neo4j-dump"]
    assert whole.gate.containers["neo4j"].running


def test_it_comes_back_from_a_dump_that_hangs_which_is_stopped_first(
    whole: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backup.dormant.LOOK_SECONDS", 60)
    whole.gate.containers["neo4j-dump"].looks = 100_000
    assert "was not done after 1 h" in errors(neo4j(whole))["neo4j-dump"]
    assert whole.gate.asked[:4] == [*SEQUENCE[:2], "stop neo4j-dump t=10", "start neo4j"]


def test_it_comes_back_from_a_run_that_is_told_to_end_and_the_dump_is_stopped_first(whole: Stand) -> None:
    dump = whole.gate.containers["neo4j-dump"]
    dump.looks = 100
    whole.clock.ends = lambda: dump.running
    with pytest.raises(EndedError):
        neo4j(whole)
    assert whole.gate.asked == [*SEQUENCE[:2], "stop neo4j-dump t=10", "start neo4j"]
    assert whole.work.pause.exists(), "nobody has seen it healthy yet"
    assert whole.clock.now() - START < timedelta(seconds=15)


def test_it_is_started_before_the_end_even_when_the_gate_is_away_for_a_moment(whole: Stand) -> None:
    dump = whole.gate.containers["neo4j-dump"]
    whole.clock.ends = lambda: dump.running
    whole.gate.answers["start neo4j"] = [503, 503]
    with pytest.raises(EndedError):
        neo4j(whole)
    assert whole.gate.containers["neo4j"].running


def test_a_run_told_to_end_while_it_does_not_start_tries_once_more(whole: Stand) -> None:
    whole.gate.answers["start neo4j"] = [503]
    whole.clock.ends = lambda: "start neo4j" in whole.gate.asked
    with pytest.raises(EndedError):
        neo4j(whole)
    assert whole.gate.asked.count("start neo4j") == 2
    assert whole.gate.containers["neo4j"].running


def test_a_run_told_to_end_while_it_comes_back_waits_no_longer(whole: Stand) -> None:
    service = whole.gate.containers["neo4j"]
    service.looks = 100
    whole.clock.ends = lambda: "start neo4j" in whole.gate.asked
    with pytest.raises(EndedError):
        neo4j(whole)
    assert service.running
    assert whole.gate.containers["neo4j-count"].left == 0, "nothing else was begun"


def test_it_is_started_with_patience(whole: Stand) -> None:
    whole.gate.answers["start neo4j"] = [500] * 30
    assert neo4j(whole)["ok"]
    assert whole.gate.asked.count("start neo4j") == 31


def test_one_that_does_not_become_healthy_is_told_and_stays_to_be_started(whole: Stand) -> None:
    whole.gate.containers["neo4j"].looks = 10_000
    record = neo4j(whole)
    assert errors(record)["neo4j-start"].startswith("did not come back within 180 s: it is starting")
    assert HEALTHY_SECONDS <= record["neo4j_stopped_seconds"] < HEALTHY_SECONDS + 20
    assert whole.work.pause.exists()
    assert "backup-neo4j" in whole.gate.started(), "the dump is good all the same"


def test_one_that_is_gone_after_its_dump_is_told_with_the_way_out(whole: Stand) -> None:
    whole.gate.containers["neo4j-dump"].work = lambda: bool(whole.gate.containers.pop("neo4j")) * 0
    assert "test-neo4j (neo4j) is gone: run `pulumi up --refresh" in errors(neo4j(whole))["neo4j-start"]


def test_one_that_somebody_else_stopped_is_not_touched(whole: Stand) -> None:
    whole.gate.containers["neo4j"].running = False
    record = neo4j(whole)
    assert "somebody else stopped it" in errors(record)["neo4j-dump"]
    assert "no dump: " in errors(record)["neo4j"]
    assert whole.gate.asked == ["start backup-copy"]
    assert not whole.work.pause.exists()


def test_one_that_is_gone_before_is_told_with_the_way_out(whole: Stand) -> None:
    del whole.gate.containers["neo4j"]
    assert errors(neo4j(whole))["neo4j"].startswith("no dump: test-neo4j (neo4j) is gone: run `pulumi up --refresh")


def test_a_stop_whose_answer_was_lost_is_repeated_before_the_dump(whole: Stand) -> None:
    whole.gate.answers["stop neo4j"] = [503, 503]
    assert neo4j(whole)["ok"]
    assert whole.gate.asked[:4] == [*["stop neo4j t=120"] * 3, "start neo4j-dump"]


def test_one_that_cannot_be_stopped_is_not_dumped(whole: Stand) -> None:
    whole.gate.answers["stop neo4j"] = [403] * 1000
    assert "403 Forbidden" in errors(neo4j(whole))["neo4j-dump"]
    assert "neo4j-dump" not in whole.gate.started()
    assert whole.gate.containers["neo4j"].running


def test_nothing_is_stopped_when_the_pause_cannot_be_marked(whole: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("backup.pause.put", full)
    assert errors(neo4j(whole))["neo4j-dump"] == "No space left on device"
    assert "stop neo4j t=120" not in whole.gate.asked


def test_a_pause_that_a_killed_process_left_is_ended_by_the_next(whole: Stand) -> None:
    whole.gate.containers["neo4j"].running = False
    whole.gate.containers["neo4j-dump"].running = True
    put(whole.work.pause, {"began": (START - timedelta(seconds=600)).isoformat()})
    outcome = Pause(whole.dormants).recover()
    assert outcome is not None
    assert outcome.ok
    assert 600 <= outcome.seconds < 620
    assert whole.gate.asked == ["stop neo4j-dump t=10", "start neo4j"]
    assert not whole.work.pause.exists()
    assert Pause(whole.dormants).recover() is None


def test_a_pause_whose_mark_is_damaged_is_ended_too(whole: Stand) -> None:
    whole.gate.containers["neo4j"].running = False
    whole.work.pause.write_text("{")
    assert read(whole.work.pause) == {}
    outcome = Pause(whole.dormants).recover()
    assert outcome is not None
    assert outcome.ok
    assert whole.gate.containers["neo4j"].running
