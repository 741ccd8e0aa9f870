"""When what is due."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from backup.timetable import SETTLE, Timetable, daily, monthly, quarterly, time_of_day, weekly
from backup.work import Work

AT = time(3, 30)
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path)


def later(work: Work, started: str) -> Timetable:
    """That of a scheduler that was started then."""
    return Timetable(work, AT, at(started))


@pytest.mark.parametrize(
    ("occurrence", "now", "last"),
    [
        (daily, "2026-11-30 03:30", "2026-11-30 03:30"),
        (daily, "2026-12-01 03:29", "2026-11-30 03:30"),
        (weekly, "2026-11-29 03:30", "2026-11-29 03:30"),  # a Sunday
        (weekly, "2026-11-29 03:29", "2026-11-22 03:30"),
        (weekly, "2026-12-05 12:00", "2026-11-29 03:30"),
        (monthly, "2026-12-01 03:30", "2026-12-01 03:30"),
        (monthly, "2026-12-01 03:29", "2026-11-01 03:30"),
        (monthly, "2027-01-01 00:00", "2026-12-01 03:30"),
        (monthly, "2026-12-31 23:59", "2026-12-01 03:30"),
        (quarterly, "2026-12-01 03:29:59", "2026-12-01 03:15"),
        (quarterly, "2026-12-01 03:45", "2026-12-01 03:45"),
    ],
)
def test_the_last_time_until_now(occurrence: type[object], now: str, last: str) -> None:
    assert occurrence(at(now), AT) == at(last)  # type: ignore[call-arg]


def test_after_the_first_start_only_what_stops_nothing_is_due(work: Work) -> None:
    first, now = later(work, "2026-11-30 12:00"), at("2026-11-30 12:05")
    assert {kind for kind in ("daily", "base", "wal", "drill") if first.due(kind, now)} == {"base", "wal"}


def test_what_is_due_before_the_first_start_has_settled_is_not_lost(work: Work) -> None:
    first = later(work, "2026-11-30 03:28")
    assert not first.due("daily", at("2026-11-30 03:28"))
    assert not first.due("daily", at("2026-11-30 03:31"))
    assert first.due("daily", at("2026-11-30 03:33"))


def test_what_was_done_is_due_at_the_next_time_and_no_sooner(work: Work) -> None:
    table = later(work, "2026-11-30 03:00")
    table.due("daily", at("2026-11-30 03:00"))
    assert not table.due("daily", at("2026-11-30 03:29"))
    assert table.due("daily", at("2026-11-30 03:30"))
    table.begun("daily", at("2026-11-30 03:30"))
    table.done("daily", ok=False)
    assert not table.due("daily", at("2026-12-01 03:29"))
    assert table.due("daily", at("2026-12-01 03:30"))


@pytest.mark.parametrize(
    ("kind", "then"), [("daily", "2026-11-30 03:40"), ("drill", "2026-12-01 04:00"), ("base", "2026-12-06 04:00")]
)
def test_what_was_missed_is_made_up_for_within_ten_minutes_of_the_start(work: Work, kind: str, then: str) -> None:
    before = later(work, "2026-11-29 12:00")
    before.due(kind, at("2026-11-29 12:00"))
    before.begun(kind, at("2026-11-29 12:05"))
    before.done(kind, ok=True)
    again, start = later(work, then), at(then)
    waited = next(minute for minute in range(60) if again.due(kind, start + minute * MINUTE))
    assert MINUTE * waited == SETTLE
    assert waited <= 10


def test_what_was_cut_off_is_begun_again_but_not_for_ever(work: Work) -> None:
    later(work, "2026-11-29 12:00").due("daily", at("2026-11-29 12:00"))
    for minute in (30, 40, 50):
        table = later(work, f"2026-11-30 03:{minute}")
        now = at(f"2026-11-30 03:{minute + 5}")
        assert table.due("daily", now)
        table.begun("daily", now)
    assert not later(work, "2026-11-30 04:00").due("daily", at("2026-11-30 04:10"))
    assert later(work, "2026-11-30 04:00").due("daily", at("2026-12-01 03:30"))


def test_a_base_that_failed_does_not_wait_for_sunday(work: Work) -> None:
    table = later(work, "2026-11-30 03:00")
    for day, due in (("2026-11-30", True), ("2026-12-01", True), ("2026-12-02", True)):
        now = at(f"{day} 03:35")
        assert table.due("base", now) == due
        table.begun("base", now)
        table.done("base", ok=day == "2026-12-02")
    assert not table.due("base", at("2026-12-03 03:35"))
    assert table.due("base", at("2026-12-06 03:30"))


@pytest.mark.parametrize("text", ["", "3:30", "24:00", "03:60", "03:30:00", "03.30", "03:30Z"])
def test_another_form_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="allowed is HH:MM"):
        time_of_day(text)
    assert time_of_day("03:30") == AT


@pytest.mark.parametrize("kind", ["daily", "base", "wal", "drill"])
def test_what_was_noted_by_a_clock_that_was_ahead_is_due_once_and_then_at_its_time(work: Work, kind: str) -> None:
    ahead, now = later(work, "2027-11-28 12:00"), at("2026-11-30 12:00")
    ahead.due(kind, at("2027-11-28 12:00"))
    ahead.begun(kind, at("2027-11-28 12:05"))
    ahead.done(kind, ok=True)
    assert ahead.due(kind, now), "the clock was set right while the scheduler ran"
    table = later(work, "2026-11-30 11:00")
    assert table.due(kind, now)
    table.begun(kind, now)
    table.done(kind, ok=True)
    assert not table.due(kind, now + MINUTE)


def test_a_clock_that_is_set_back_by_seconds_repeats_nothing(work: Work) -> None:
    table = later(work, "2026-11-30 03:00")
    table.begun("daily", at("2026-11-30 03:30"))
    table.done("daily", ok=True)
    assert not table.due("daily", at("2026-11-30 03:29:58"))


def test_a_base_that_was_made_on_a_weekday_is_not_one_of_the_future(work: Work) -> None:
    table = later(work, "2026-11-30 03:00")
    for ok in (False, True):
        table.begun("base", at("2026-12-02 03:35"))
        table.done("base", ok=ok)
    assert not table.due("base", at("2026-12-02 03:36"))
