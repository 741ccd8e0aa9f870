"""The scheduler, by a clock that the tests move."""

from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from backup.clock import EndedError
from backup.jobs_file import DRILL
from backup.ledger import Ledger
from backup.scheduler import Scheduler
from backup.timetable import Timetable
from backup.work import put, read

from tests.gate import START, Stand, stand
from tests.test_runs import ORDER

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _slow_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A week passes in a second."""
    monkeypatch.setattr("backup.scheduler.TICK_SECONDS", 60)


def scheduler(stand: Stand, at: time = time(3, 30)) -> Scheduler:
    """One that is started now."""
    return Scheduler(stand.dormants, Timetable(stand.work, at, stand.clock.now()))


def until(stand: Stand, end: datetime, scheduler: Scheduler) -> list[str]:
    """Whom it started until then."""
    stand.gate.asked.clear()
    stand.clock.ends = lambda: stand.clock.now() >= end
    with pytest.raises(EndedError):
        scheduler.go_on()
    stand.clock.ended = False
    return stand.gate.started()


def test_a_first_day(whole: Stand) -> None:
    whole.clock.moment = START.replace(hour=12)
    one = scheduler(whole)
    first = until(whole, START.replace(hour=13) - MINUTE, one)
    assert first == ["backup-base", *["backup-wal", "backup-copy", "backup-wal"] * 2], "one copy an hour"
    rest = until(whole, START.replace(hour=4) + 24 * HOUR, one)
    often = ("backup-wal", "backup-copy")
    others = [name for name in (*ORDER, *DRILL) if name not in often]
    assert [name for name in rest if name not in often] == others, "it is the first of December"


def test_wal_is_stored_every_quarter_of_an_hour_and_fills_no_records(whole: Stand) -> None:
    whole.clock.moment = START.replace(hour=12)
    started = until(whole, START.replace(hour=17) - MINUTE, scheduler(whole))
    assert started.count("backup-wal") == 20
    assert started.count("backup-copy") == 6
    assert [read(path)["kind"] for path in whole.work.runs.iterdir()] == ["base"]


def test_a_copy_that_a_clock_ahead_has_noted_holds_none_up(whole: Stand) -> None:
    whole.clock.moment = START.replace(hour=12)
    put(whole.work.ledger, {"jobs": {"copy": {"ended": (START + 9000 * HOUR).timestamp()}}})
    assert "backup-copy" in until(whole, START.replace(hour=12, minute=40), scheduler(whole))


def test_a_week_has_seven_daily_runs_and_one_base_on_sunday(tmp_path: Path) -> None:
    days: list[int] = []
    with stand(tmp_path, "backup-wal", *DRILL) as less:
        less.clock.moment = START.replace(hour=12)
        one = scheduler(less)
        until(less, START.replace(hour=13), one)
        less.gate.notes("backup-base", lambda: days.append(less.clock.now().isoweekday()))
        started = until(less, START.replace(hour=12) + 7 * 24 * HOUR, one)
    assert (started.count("backup-postgres"), days) == (7, [7])


def test_a_run_missed_while_the_host_was_off_is_made_up_for_within_ten_minutes(whole: Stand) -> None:
    whole.clock.moment = START - 12 * HOUR
    until(whole, START - 11 * HOUR, scheduler(whole))
    whole.clock.moment = START + 5 * HOUR
    started = until(whole, START + 5 * HOUR + timedelta(minutes=10), scheduler(whole))
    assert started[:10] == ORDER


def test_a_run_that_was_told_to_end_is_begun_again_by_the_next_scheduler(whole: Stand) -> None:
    whole.clock.moment = START - HOUR
    whole.gate.containers["backup-files"].looks = 20
    until(whole, START + timedelta(seconds=5), scheduler(whole))
    (cut_off,) = [path for path in whole.work.runs.iterdir() if read(path)["kind"] == "daily"]
    assert (read(cut_off)["ok"], read(cut_off)["error"]) == (False, "told to end")
    started = until(whole, START + timedelta(minutes=7), scheduler(whole))
    assert started[:10] == ORDER


def test_between_an_import_and_its_restore_nothing_becomes_a_backup(whole: Stand) -> None:
    whole.clock.moment = START - HOUR
    put(whole.work.imported, {"from": "elsewhere"})
    one = scheduler(whole)
    assert until(whole, START + HOUR, one) == []
    whole.work.imported.unlink()
    assert until(whole, START + 2 * HOUR, one)[:2] == ["backup-base", "backup-wal"]


def test_a_run_that_failed_is_not_begun_again_before_the_next_day(whole: Stand) -> None:
    whole.clock.moment = START - HOUR
    whole.gate.containers["backup-redis"].work = lambda: 1
    started = until(whole, START + 12 * HOUR, scheduler(whole))
    assert started.count("backup-redis") == 1


def test_what_is_due_waits_for_a_run_by_hand(whole: Stand) -> None:
    whole.clock.moment = START - HOUR
    one = scheduler(whole)
    until(whole, START - MINUTE, one)
    with whole.work.alone("by hand"):
        assert until(whole, START + timedelta(minutes=2), one) == []
    assert until(whole, START + timedelta(minutes=5), one)[:10] == ORDER


def test_nothing_is_due_that_the_stack_does_not_have(tmp_path: Path) -> None:
    with stand(tmp_path, "backup-base", "backup-wal", "drill-judge") as less:
        assert scheduler(less).kinds == ["daily"]


def test_neo4j_that_did_not_come_back_is_started_again_and_again_and_told_of(whole: Stand) -> None:
    whole.clock.moment = START + HOUR
    whole.gate.containers["neo4j"].running = False
    whole.gate.answers["start neo4j"] = [500] * 100_000
    put(whole.work.pause, {"began": START.isoformat()})
    until(whole, START + HOUR + 10 * MINUTE, scheduler(whole))
    noted = Ledger(whole.work).jobs()["neo4j-start"]
    assert (noted["ok"], "succeeded" in noted) == (False, False)
    assert whole.gate.asked.count("start neo4j") > 100
    whole.gate.answers.clear()
    until(whole, START + 2 * HOUR, scheduler(whole))
    assert Ledger(whole.work).jobs()["neo4j-start"]["ok"]
    assert not whole.work.pause.exists()


def test_a_pause_of_a_run_by_hand_is_left_alone_while_that_lasts(whole: Stand) -> None:
    put(whole.work.pause, {"began": START.isoformat()})
    with whole.work.alone("by hand"):
        assert until(whole, START + timedelta(minutes=5), scheduler(whole)) == []
    assert "stop neo4j-dump t=10" not in whole.gate.asked


def test_what_ends_with_the_scheduler_leaves_neo4j_started_even_for_a_run_by_hand(whole: Stand) -> None:
    whole.gate.containers["neo4j"].running = False
    put(whole.work.pause, {"began": START.isoformat()})
    whole.clock.ended = True
    with whole.work.alone("by hand"):
        scheduler(whole).leave()
    assert whole.gate.asked == ["stop neo4j-dump t=10", "start neo4j"]


def test_a_log_that_leads_from_no_base_gets_a_new_one_once_a_day(whole: Stand) -> None:
    whole.clock.moment = START.replace(hour=12)
    one = scheduler(whole)
    until(whole, START.replace(hour=13), one)
    wanting = whole.gate.writes("wal", 1, error="a gap", report={"base_wanted": True})
    whole.gate.containers["backup-wal"].work = wanting
    started = until(whole, START.replace(hour=20), one)
    assert started.count("backup-base") == 1
    assert until(whole, START.replace(hour=20) + 24 * HOUR, one).count("backup-base") == 1


STOPPED = {"containers": ["neo4j", "api"], "why": "a restore", "since": START.isoformat()}


def test_what_a_restore_that_died_had_stopped_is_started_again(whole: Stand, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    whole.gate.containers["neo4j"].running = False
    put(whole.work.stopped, STOPPED)
    with whole.work.alone("a restore"):
        until(whole, START + timedelta(minutes=2), scheduler(whole))
    assert whole.gate.asked == [], "it is still at it"
    assert whole.work.stopped.exists()
    until(whole, START + timedelta(minutes=4), scheduler(whole))
    assert whole.gate.asked == ["start neo4j"]
    assert "neo4j, stopped by a restore since 2026-11-30T03:30:00+00:00, is started again" in caplog.text


def test_whom_it_may_not_start_it_tells_once_and_leaves_for_research_restore_resume(
    whole: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    put(whole.work.stopped, STOPPED)
    until(whole, START + 4 * MINUTE, scheduler(whole))
    assert read(whole.work.stopped) == {**STOPPED, "containers": [], "by_hand": ["api"]}
    told = "api, stopped by a restore since 2026-11-30T03:30:00+00:00, is not this scheduler's to start"
    assert caplog.text.count(f"{told}: `research restore --resume` starts it") == 1
    with whole.work.alone("by hand"):
        until(whole, START + 6 * MINUTE, scheduler(whole))
    assert "what is due waits" not in caplog.text, "what it has told of holds nothing else up"


def test_when_nobody_is_left_the_note_goes(whole: Stand) -> None:
    put(whole.work.stopped, {**STOPPED, "containers": ["neo4j"]})
    until(whole, START + MINUTE, scheduler(whole))
    assert not whole.work.stopped.exists()


@pytest.mark.parametrize("status", [403, 404])
def test_what_may_not_be_started_is_told_and_holds_no_other_up(
    whole: Stand, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    whole.gate.containers["neo4j"].running = False
    whole.gate.answers["start backup-redis"] = [status]
    put(whole.work.stopped, {**STOPPED, "containers": ["backup-redis", "neo4j"]})
    until(whole, START + MINUTE, scheduler(whole))
    assert whole.gate.containers["neo4j"].running
    assert read(whole.work.stopped)["by_hand"] == ["backup-redis"]
    assert "test-backup-redis" in caplog.text


def test_while_the_engine_is_away_what_was_stopped_is_not_forgotten(whole: Stand) -> None:
    whole.gate.containers["neo4j"].running = False
    whole.gate.answers["start neo4j"] = [500] * 2
    put(whole.work.stopped, STOPPED)
    until(whole, START + timedelta(seconds=50), scheduler(whole))
    assert (read(whole.work.stopped)["containers"], read(whole.work.stopped)["by_hand"]) == (["neo4j"], ["api"])
    until(whole, START + timedelta(minutes=4), scheduler(whole))
    assert whole.gate.containers["neo4j"].running
    assert (read(whole.work.stopped)["containers"], read(whole.work.stopped)["by_hand"]) == ([], ["api"])


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"containers": "neo4j"}', '{"containers": [["neo4j"]]}'],
)
def test_a_note_that_says_nothing_is_put_away(whole: Stand, text: str, caplog: pytest.LogCaptureFixture) -> None:
    whole.work.stopped.write_text(text)
    until(whole, START + MINUTE, scheduler(whole))
    assert not whole.work.stopped.exists()
    assert whole.gate.asked == []
    assert "stopped.json names no containers" in caplog.text


def test_a_full_disk_does_not_end_it(whole: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    whole.clock.moment = START - HOUR
    one = scheduler(whole)
    with monkeypatch.context() as patch:
        patch.setattr("backup.timetable.put", full)
        until(whole, START + HOUR, one)
    assert "backup-redis" in until(whole, START + 25 * HOUR, one)
