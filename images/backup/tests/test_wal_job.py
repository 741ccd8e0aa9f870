"""What job wal stores, how far that reaches, and when it refuses: a log with a gap, a receiver that is away."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from backup import manifest, repository, settings, wal
from backup.manifest import Head
from backup.received import unbroken
from backup.repository import Repository, Snapshot, Stored
from backup.restic import Target
from backup.results import Result
from backup.settings import JobError, Request

from tests.test_wal import segment

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SERVER = "7300000000000000001"


@dataclass(frozen=True)
class Shelf(Repository):
    """A repository that notes what it is given: each file that a folder's snapshot holds."""

    found: list[Snapshot] = field(default_factory=list)
    held: dict[str, set[str]] = field(default_factory=dict)

    def snapshots(self) -> list[Snapshot]:
        return list(self.found)

    def keep_folder(
        self, folder: Path, tags: Sequence[str], *, what: str = ".", leave_out: Sequence[str] = ()
    ) -> Stored:
        name = self._add(tags)
        self.held[name] = {
            path.name for path in folder.glob("*") if not any(path.match(pattern) for pattern in leave_out)
        }
        return Stored(name, 7)

    def keep_bytes(self, content: bytes, file: str, tags: Sequence[str]) -> Stored:
        return Stored(self._add(tags), len(content))

    def _add(self, tags: Sequence[str]) -> str:
        name = f"{len(self.found)}"
        self.found.append(Snapshot(name, name, repository._named(tags), name))  # noqa: SLF001 - as restic's are read
        return name

    def heads(self, store: str) -> list[Head]:
        return [head for head in manifest.counting(self.found) if head.store == store]


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shelf:
    kept = Shelf(Target("/repository"))

    @contextmanager
    def alone() -> Iterator[Repository]:
        yield kept

    monkeypatch.setattr(repository, "alone", alone)
    monkeypatch.setattr(wal, "now", lambda: NOW)
    monkeypatch.setattr(settings, "WAL", tmp_path)
    monkeypatch.setenv("STACK", "test")
    return kept


def base(shelf: Shelf, first: int, ago: timedelta = 60 * MINUTE, system: str = SERVER) -> None:
    """A base that begins with a segment."""
    taken, backup = (NOW - ago).isoformat(timespec="milliseconds"), f"base{len(shelf.found)}"
    data = shelf._add([backup, "store:base", "part:data"])  # noqa: SLF001
    tags = [f"taken:{taken}", "bytes:7", f"data:{data}", f"first:{segment(first)}", f"system:{system}"]
    shelf._add([backup, "store:base", "part:manifest", *tags])  # noqa: SLF001


def log(folder: Path, *numbers: int, ago: timedelta = MINUTE, system: str = SERVER) -> None:
    """What a receiver left: these segments, the last of them in the making."""
    folder.mkdir(exist_ok=True)
    for number in numbers:
        (folder / f"{segment(number)}{'.partial' if number == numbers[-1] else ''}").touch()
    (folder / "system_identifier").write_text(system)
    (folder / "received.json").write_text(json.dumps({"moment": (NOW - ago).isoformat(timespec="milliseconds")}))


def job() -> Result:
    result = Result("wal", "")
    wal.wal_job(Request(), result)
    return result


def refused(told: str) -> Result:
    result = Result("wal", "")
    with pytest.raises(JobError, match=told) as failure:
        wal.wal_job(Request(), result)
    assert "\n" not in str(failure.value)
    return result


def test_a_log_counts_up_to_the_moment_that_it_was_received_to(shelf: Shelf, tmp_path: Path) -> None:
    base(shelf, 3)
    log(tmp_path, 2, 3, 4, ago=7 * MINUTE)
    assert job().report == {"segments": 3}
    (head,) = shelf.heads("wal")
    assert (head.taken, head.first, head.system) == ("2026-11-30T11:53:00.000+00:00", segment(2), SERVER)
    assert shelf.held[head.data] == {segment(2), segment(3), f"{segment(4)}.partial", "system_identifier"}
    assert not (tmp_path / segment(2)).exists(), "it is stored, and from before the base"


def test_a_receiver_that_is_away_fails_the_job_and_what_it_left_is_stored_once(shelf: Shelf, tmp_path: Path) -> None:
    base(shelf, 3, 40 * 60 * MINUTE)
    log(tmp_path, 3, 4, ago=30 * 60 * MINUTE)
    for _ in range(2):
        refused(r"only up to 2026-11-29T06:00:00.000\+00:00, 30\.0 h ago: look at the log of wal-receiver")
    assert [head.taken for head in shelf.heads("wal")] == ["2026-11-29T06:00:00.000+00:00"]


@pytest.mark.parametrize(("ago", "good"), [(29, True), (31, False), (-29, True), (-31, False)])
def test_half_an_hour_is_the_limit_in_both_directions(shelf: Shelf, tmp_path: Path, ago: int, good: bool) -> None:
    base(shelf, 3)
    log(tmp_path, 3, 4, ago=ago * MINUTE)
    if good:
        job()
    else:
        refused("look at the log of wal-receiver")


def test_a_clock_that_was_set_back_does_not_keep_the_log_from_being_stored(shelf: Shelf, tmp_path: Path) -> None:
    base(shelf, 3)
    for ago in (-20, 1):
        log(tmp_path, 3, 4, ago=ago * MINUTE)
        job()
    assert len(shelf.heads("wal")) == 2


def test_an_empty_folder_and_one_without_the_receiver_s_note_are_told(shelf: Shelf, tmp_path: Path) -> None:
    base(shelf, 3)
    refused("nothing was received yet: look at the log of wal-receiver")
    log(tmp_path, 3, 4)
    (tmp_path / "received.json").write_text("{")
    refused("nothing was received yet: look at the log of wal-receiver")
    assert shelf.heads("wal") == []


def test_a_log_with_a_gap_since_the_base_is_refused_and_wants_a_new_base(shelf: Shelf, tmp_path: Path) -> None:
    base(shelf, 5)
    log(tmp_path, 5, 6, 7, 20, 21)
    result = refused(f"begins with {segment(5)}, and without a gap there is only what follows {segment(20)}")
    assert result.report == {"base_wanted": True}
    assert shelf.heads("wal") == []
    assert len(list(tmp_path.glob("0000*"))) == 5, "nothing is let go"
    base(shelf, 21, MINUTE)
    job()
    assert shelf.heads("wal")[0].first == segment(20), "from the older base nothing leads over the gap"


def test_the_log_of_another_server_is_not_paired_with_the_base(shelf: Shelf, tmp_path: Path) -> None:
    base(shelf, 3, system="another")
    log(tmp_path, 3, 4)
    assert refused("there is no base of the server").report == {"base_wanted": True}
    assert shelf.heads("wal") == []


def test_a_receiver_that_is_behind_the_newest_base_is_judged_by_the_one_before(shelf: Shelf, tmp_path: Path) -> None:
    base(shelf, 3)
    base(shelf, 9, MINUTE)
    log(tmp_path, 3, 4, ago=5 * MINUTE)
    job()
    assert shelf.heads("wal")[0].first == segment(3)


def test_what_was_set_aside_is_stored_as_the_log_of_its_own_server_before_it_goes(shelf: Shelf, tmp_path: Path) -> None:
    base(shelf, 3, system="lost")
    log(tmp_path / "aside-20261130T114500Z", 2, 3, 4, ago=20 * MINUTE, system="lost")
    (tmp_path / "aside-20261130T114501Z").mkdir()
    refused("nothing was received yet")
    (head,) = shelf.heads("wal")
    assert (head.backup, head.system, head.taken) == ("20261130T114500Z", "lost", "2026-11-30T11:40:00.000+00:00")
    assert list(tmp_path.glob("aside-*")) == []
    assert wal.chosen(manifest.counting(shelf.found), "")[1] == head


def test_what_an_older_receiver_set_aside_is_of_the_time_of_its_files(shelf: Shelf, tmp_path: Path) -> None:
    aside = tmp_path / "aside-20261130T114500Z"
    log(aside, 2, 3)
    (aside / "received.json").unlink()
    for path in aside.iterdir():
        os.utime(path, ((NOW - MINUTE).timestamp(),) * 2)
    refused("nothing was received yet")
    assert [head.taken for head in shelf.heads("wal")] == ["2026-11-30T11:59:00.000+00:00"]


def test_a_log_goes_on_in_another_timeline() -> None:
    names = [segment(255), segment(256), segment(256, timeline=2), segment(257, timeline=2)]
    assert names[0].endswith("0000000000000FF")
    assert unbroken(names) == names
    assert unbroken([*names[:1], *names[2:]]) == [*names[:1], *names[2:]]
    assert unbroken([segment(3), segment(4), segment(3, timeline=2)]) == [segment(3, timeline=2)]
    assert unbroken([]) == []
