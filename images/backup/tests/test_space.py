"""What would fill the disk is refused before it is begun, and what a restore has used is removed again."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from backup import __main__ as command_line
from backup import drill, manifest, postgres, repository, restore, restore_postgres, settings, space, wal
from backup.manifest import Head
from backup.repository import Repository
from backup.restic import Target
from backup.results import Result
from backup.settings import JobError, Request

GB = 10**9
LARGE = 4 * GB


class BegunError(Exception):
    """There was room: the work itself was begun."""


def begun(*_: object, **__: object) -> None:
    raise BegunError


def head(store: str, taken: str = "2026-11-30T03:30:00.000+00:00") -> Head:
    return Head("20261130T033000Z", store, taken, LARGE, "data", "manifest", "A")


@pytest.fixture
def free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the disk have so many GB left; the repository holds a backup of 4 GB of every store."""

    @contextmanager
    def alone() -> Iterator[Repository]:
        yield Repository(Target("/repository"))

    @contextmanager
    def server() -> Iterator[None]:
        yield

    for name in ("EXCHANGE", "WORK", "REPOSITORY"):
        monkeypatch.setattr(settings, name, tmp_path / name.lower())
        (tmp_path / name.lower()).mkdir()
    for name in ("POSTGRES_DATABASE", "STACK"):
        monkeypatch.setenv(name, "dev")
    monkeypatch.setattr(postgres, "backup_server", lambda: SimpleNamespace(password_file=server, place_options=list))
    monkeypatch.setattr(repository, "alone", alone)
    monkeypatch.setattr(Repository, "snapshots", list)
    stores = ("postgres", "redis", "neo4j", "files", "base")
    heads = [*map(head, stores), head("wal", "2026-11-30T05:00:00.000+00:00")]
    monkeypatch.setattr(manifest, "counting", lambda _snapshots: heads)
    monkeypatch.setattr(manifest, "load", begun)
    monkeypatch.setattr(Repository, "keep_command", begun)

    def let(gigabytes: float) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=int(gigabytes * GB)))

    return let


def recovered(_request: Request, _result: Result) -> None:
    folder = settings.EXCHANGE / "recovered"
    folder.mkdir(exist_ok=True)
    with (folder / "postgres.dump").open("wb") as dump:
        dump.truncate(LARGE)
    (folder / "facts.tsv").touch()
    with restore_postgres.dump_of(Request(store="recovered"), Result("restore-postgres", "now")):
        raise BegunError


def dumped(request: Request, result: Result) -> None:
    with restore_postgres.dump_of(request, result):
        pass


@pytest.mark.parametrize(
    ("job", "request_", "takes"),
    [
        (restore.fetch, {"store": "redis"}, 12),
        (restore.fetch, {"store": "neo4j"}, 20),
        (restore.fetch, {"store": "base"}, 16),
        (dumped, {}, 12),
        (recovered, {}, 32),
        (drill.fetch, {}, 44),
        (drill.fetch, {"stores": ("postgres",)}, 12),
        (wal.base_job, {}, 4),
    ],
)
def test_a_disk_that_has_not_what_it_takes_and_one_gb_more_is_told_before_anything_is_done(
    job: Callable[[Request, Result], None], request_: dict[str, Any], takes: float, free: Callable[[float], None]
) -> None:
    free(takes + 0.99)
    with pytest.raises(JobError, match=rf"free of the {takes + 1:.1f} GB that .* takes: .*nothing was changed"):
        job(Request(**request_), Result("job", "now"))
    free(takes + 1)
    with pytest.raises(BegunError):
        job(Request(**request_), Result("job", "now"))


def test_what_was_recovered_and_what_it_was_recovered_from_go_when_they_were_used(
    free: Callable[[float], None],
) -> None:
    free(100)
    (settings.EXCHANGE / "recover" / "wal").mkdir(parents=True)
    (settings.EXCHANGE / "recover" / "base.tar").touch()
    with pytest.raises(BegunError):
        recovered(Request(), Result("restore-postgres", "now"))
    assert not [path for path in settings.EXCHANGE.rglob("*") if path.parent != settings.EXCHANGE]


def test_what_was_fetched_is_cleared_at_the_end_of_a_restore(free: Callable[[float], None]) -> None:
    for name in ("redis", "neo4j", "recover", "recovered", "state", "drill"):
        (settings.EXCHANGE / name / "below").mkdir(parents=True)
    assert command_line.main(["restore", "clear"]) == 0
    assert [path.parent.name for path in settings.EXCHANGE.glob("*/below")] == ["drill"]


def test_room_is_what_is_needed_and_one_gb(tmp_path: Path) -> None:
    space.need(tmp_path, 0.0, "nothing")
    with pytest.raises(JobError, match="nothing was changed"):
        space.need(tmp_path, 1e18, "the world")
