"""All of two days stay, then a day's last, then a month's last; the newest always, and what a point in time needs."""

from datetime import UTC, datetime, timedelta

from backup.manifest import Head
from backup.repository import Snapshot
from backup.retention import Retention, superfluous
from backup.upkeep import tallied

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def head(age: timedelta, store: str = "postgres", first: str = "", system: str = "") -> Head:
    taken = (NOW - age).isoformat(timespec="milliseconds")
    return Head(taken, store, taken, 1, f"data {store} {taken}", f"manifest {store} {taken}", first, system)


def kept(heads: list[Head], days: int = 30, months: int = 12) -> list[str]:
    return [head.taken[:13] for head in Retention(days, months).kept(heads, NOW)]


def test_everything_of_two_days_stays() -> None:
    hourly = [head(timedelta(hours=hours)) for hours in range(48)]
    assert len(kept(hourly)) == 48


def test_of_older_days_the_last_stays_and_of_older_months_too() -> None:
    every_six_hours = [head(timedelta(hours=6 * n)) for n in range(4 * 365)]
    stay = kept(every_six_hours)
    assert "2026-11-20T18" in stay
    assert "2026-11-20T12" not in stay
    assert "2026-08-31T18" in stay
    assert "2026-08-30T18" not in stay
    assert len([one for one in stay if one < "2026-10-31"]) == 11


def test_the_newest_stays_however_old_it_is() -> None:
    assert len(kept([head(timedelta(days=4000)), head(timedelta(days=5000))])) == 1


def test_a_store_does_not_push_out_another() -> None:
    assert len(kept([head(timedelta(days=400)), head(timedelta(days=400), "redis")], days=1, months=0)) == 2


def test_a_base_from_before_the_days_that_stay_is_kept_for_the_first_of_them() -> None:
    weekly = [head(timedelta(days=7 * n + 1), "base") for n in range(9)]
    assert kept(weekly, days=14) == ["2026-11-15T12", "2026-11-22T12", "2026-11-29T12"]


def test_of_the_log_the_last_that_leads_from_a_base_stays() -> None:
    first = [head(timedelta(days=10, hours=hours), "wal", "A") for hours in (3, 2)]
    second = [head(timedelta(days=10, hours=hours), "wal", "B") for hours in (1, 0)]
    assert kept([*first, *second]) == [first[1].taken[:13], second[1].taken[:13]]


def test_what_stays_is_counted_by_store_and_the_oldest_told() -> None:
    heads = [head(timedelta(days=days), store) for days in (3, 1, 2) for store in ("postgres", "redis")][:-1]
    assert tallied(heads) == {
        "postgres": {"count": 3, "oldest": (NOW - timedelta(days=3)).timestamp()},
        "redis": {"count": 2, "oldest": (NOW - timedelta(days=3)).timestamp()},
    }


def test_logs_of_two_servers_that_begin_with_the_same_segment_are_two() -> None:
    lost = head(timedelta(days=10, hours=2), "wal", "A", "1")
    assert len(kept([lost, head(timedelta(days=10, hours=1), "wal", "A", "2")])) == 2


def test_what_belongs_to_nothing_that_stays_is_superfluous() -> None:
    stays = head(timedelta(hours=1))
    snapshots = [Snapshot(name, name, {}, "") for name in (stays.data, stays.manifest, "half", "old")]
    assert superfluous(snapshots, [stays]) == {"half", "old"}
