"""When the clock is not to be trusted with the history, and that this does not last for ever."""

from datetime import UTC, datetime, timedelta

import pytest
from backup.doubt import doubt, without_future
from backup.manifest import Head
from backup.retention import Retention

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)
DAY = timedelta(days=1)
RULE = Retention(30, 12)


def head(taken: datetime, store: str = "postgres") -> Head:
    name = f"{store} {taken.isoformat()}"
    return Head(name, store, taken.isoformat(timespec="milliseconds"), 1, f"data {name}", f"manifest {name}")


def years(store: str = "postgres", end: datetime = NOW) -> list[Head]:
    """What two years of nights have left after each night's forgetting."""
    return RULE.kept([head(end - DAY * days, store) for days in range(730)], end)


def nights(count: int, end: datetime, store: str = "postgres") -> list[Head]:
    return [head(end - DAY * days, store) for days in range(count)]


def test_a_night_like_every_other_is_not_doubted() -> None:
    assert doubt(RULE, [*years(), head(NOW + DAY)], NOW + DAY) == ""
    assert doubt(RULE, [], NOW) == ""
    assert doubt(RULE, nights(1, NOW), NOW) == ""


def test_a_clock_that_is_ahead_forgets_nothing_not_even_weeks_later() -> None:
    wrong = NOW + 400 * DAY
    for later in (0, 1, 2, 20):
        end = wrong + later * DAY
        told = doubt(RULE, [*years(), *nights(later + 1, end)], end)
        assert "2026-11-30" in told, "since when nothing was made"
        assert f"{end:%Y-%m-%d}" in told
        assert "postgres" in told
        assert "--force" in told
        assert "\n" not in told


def test_a_log_that_is_made_every_quarter_of_an_hour_does_not_outvote_the_rest() -> None:
    wrong = NOW + 400 * DAY
    log = [head(wrong - timedelta(minutes=15 * count), "wal") for count in range(500)]
    assert "postgres" in doubt(RULE, [*years(), *years("wal"), *log, *nights(5, wrong)], wrong)


def test_an_idle_week_takes_what_is_due_to_go() -> None:
    end = NOW + 8 * DAY
    assert doubt(RULE, [*years(), head(end)], end) == ""


def test_an_idle_week_of_a_stack_that_keeps_a_week_does_not_block_for_ever() -> None:
    rule, back = Retention(7, 0), NOW + 9 * DAY
    heads, doubted = nights(8, NOW), []
    for night in range(20):
        end = back + night * DAY
        heads.append(head(end))
        doubted.append(bool(doubt(rule, heads, end)))
        if not doubted[-1]:
            heads = rule.kept(heads, end)
    assert doubted[0]
    assert doubted.index(False) <= 9
    assert not any(doubted[doubted.index(False) :])


def test_many_backups_of_one_day_are_one_day_of_history() -> None:
    busy = [head(NOW - timedelta(minutes=count)) for count in range(20)]
    assert doubt(RULE, [*busy, head(NOW + 4 * DAY)], NOW + 4 * DAY) == ""


def test_fewer_days_to_keep_are_the_owner_s_wish() -> None:
    assert doubt(Retention(7, 1), years(), NOW) == ""


@pytest.mark.parametrize(("ahead", "doubted"), [(timedelta(hours=47), False), (timedelta(hours=49), True)])
def test_a_backup_from_the_future_is_doubted(ahead: timedelta, doubted: bool) -> None:
    told = doubt(RULE, [*years(), head(NOW + ahead)], NOW)
    assert bool(told) == doubted
    if doubted:
        assert told.startswith("nothing was forgotten: 1 backup is of up to 2026-12-02")


def test_who_says_that_the_clock_is_right_lets_the_future_go_and_is_not_asked_again() -> None:
    future, only = head(NOW + 9 * DAY), head(NOW + 9 * DAY, "redis")
    heads = [*years(), future, only]
    left = without_future(heads, NOW)
    assert future not in left
    assert only in left, "the only one of its store"
    assert doubt(RULE, left, NOW) == ""
