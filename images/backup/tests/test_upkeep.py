"""What is forgotten here and elsewhere, and what is copied; restic is played by a list of snapshots."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from backup import repository, upkeep
from backup.repository import Repository, Snapshot
from backup.restic import Target
from backup.results import Result
from backup.settings import JobError, Request

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def part(taken: datetime, store: str = "postgres", **more: str) -> list[Snapshot]:
    """A store's part of a backup: its data and its manifest."""
    backup = f"{taken:%Y%m%dT%H%M%SZ}"
    data, at = f"data {store} {backup}", taken.isoformat(timespec="milliseconds")
    tags = {"": backup, "store": store, "part": "manifest", "taken": at, "bytes": "7", "data": data, **more}
    head = Snapshot(f"head {store} {backup}", f"head {store} {backup}", tags, at)
    return [Snapshot(data, data, {"": backup, "store": store, "part": "data"}, at), head]


@dataclass(frozen=True)
class Listed(Repository):
    """A repository that is a list."""

    found: list[Snapshot] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    def ensure(self, like: Repository | None = None) -> None:
        pass

    def snapshots(self) -> list[Snapshot]:
        return list(self.found)

    def forget(self, snapshots: Collection[str]) -> None:
        self.found[:] = [one for one in self.found if one.id not in snapshots]
        self.done.append("forget")

    def check(self, part: str | None) -> None:
        self.done.append("check")

    def copy_from(self, source: Repository, snapshots: Sequence[str]) -> None:
        self.found.extend(one for one in source.snapshots() if one.id in snapshots)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Listed:
    """The stack's own."""
    here = Listed(Target("/repository"))

    @contextmanager
    def alone() -> Iterator[Repository]:
        yield here

    monkeypatch.setattr(repository, "alone", alone)
    monkeypatch.setattr(repository, "size", lambda: 7)
    monkeypatch.setattr(upkeep, "now", lambda: NOW)
    monkeypatch.setenv("KEEP_DAYS", "30")
    monkeypatch.setenv("KEEP_MONTHS", "12")
    return here


def result() -> Result:
    return Result("check", "")


def test_of_the_log_only_the_newest_since_each_base_is_copied_and_of_the_rest_everything(kept: Listed) -> None:
    away = Listed(Target("/away"))
    hour = [NOW + timedelta(minutes=15 * count) for count in range(4)]
    kept.found.extend(one for at in hour for one in part(at, "wal", first="A", system="1"))
    kept.found.extend(part(NOW - timedelta(minutes=5), "wal", first="A", system="2") + part(hour[0]) + part(hour[1]))
    for copies in (4, 0):
        assert upkeep.copied_off_site(kept, away) == copies
    assert sorted(one.id for one in away.found if one.id.startswith("head wal")) == [
        "head wal 20261130T035500Z",
        "head wal 20261130T044500Z",
    ]
    assert upkeep.copied(away, Listed(Target("/new"))) == 4


def test_the_place_s_owner_lets_the_old_go_there_and_nothing_that_is_on_its_way(
    kept: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Listed(Target("/away"))
    monkeypatch.setattr(repository, "off_site", lambda: away)
    away.found.extend([one for days in range(40) for one in part(NOW - days * DAY)])
    half = part(NOW, "redis")[:1]
    away.found.extend(half)
    assert upkeep.forget_off_site(force=False) == "off-site copy /away: 9 of 40 backups were too old and are gone"
    assert len(away.found) == 2 * 31 + 1
    assert half[0] in away.found, "its manifest is still being copied"
    assert kept.done == []
    away.found.extend(part(NOW + 300 * DAY))
    with pytest.raises(JobError, match="forget-off-site --force"):
        upkeep.forget_off_site(force=False)
    assert "1 of 32" in upkeep.forget_off_site(force=True)


def test_a_check_forgets_what_is_old_and_what_is_half(kept: Listed) -> None:
    kept.found.extend([one for days in range(40) for one in part(NOW - days * DAY)] + part(NOW, "redis")[:1])
    upkeep.check(Request(), result())
    assert "head postgres 20261130T040000Z" in [one.id for one in kept.found]
    assert len(kept.found) == 2 * 31
    assert kept.done == ["forget", "check"]


def test_a_doubtful_clock_forgets_nothing_and_yet_the_data_are_checked(kept: Listed) -> None:
    kept.found.extend([one for days in range(400, 430) for one in part(NOW - days * DAY)] + part(NOW))
    before, told = list(kept.found), result()
    with pytest.raises(JobError, match=r"^nothing was forgotten: the clock says 2026-11-30 04:00, after 2025-10-26"):
        upkeep.check(Request(), told)
    assert (kept.found, kept.done) == (before, ["check"])
    assert told.report["forgotten"] == 0
    upkeep.check(Request(force=True), result())
    assert len(kept.found) < len(before)


def test_by_force_the_future_goes_and_the_next_check_is_a_common_one(kept: Listed) -> None:
    kept.found.extend([*part(NOW - DAY), *part(NOW), *part(NOW + 300 * DAY)])
    with pytest.raises(JobError, match="is of up to 2027-09-26"):
        upkeep.check(Request(), result())
    upkeep.check(Request(force=True), result())
    assert len(kept.found) == 4
    upkeep.check(Request(), result())
