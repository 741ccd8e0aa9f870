"""The state is backed up when somebody has left it, and is handed out as it was stored."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from backup import __main__ as command_line
from backup import folders, manifest, repository, settings
from backup.manifest import Head
from backup.repository import Repository
from backup.results import Result
from backup.settings import JobError, Request


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is stored instead of in a repository."""
    stored: list[str] = []

    @contextmanager
    def alone() -> Iterator[None]:
        yield

    def keep(_kept: object, folder: Path, *_: object) -> None:
        stored.extend(sorted(path.name for path in folder.iterdir()))

    monkeypatch.setattr(settings, "WORK", tmp_path)
    monkeypatch.setattr(repository, "alone", alone)
    monkeypatch.setattr(folders, "_keep", keep)
    return stored


def test_a_state_that_nobody_has_left_does_not_count(kept: list[str]) -> None:
    with pytest.raises(JobError, match="`research backup run` or `research deploy` leaves"):
        folders.state_job(Request(), Result("state", "now"))
    assert not kept


def test_what_was_left_is_stored_with_the_versions(kept: list[str]) -> None:
    (settings.WORK / "stack.yaml").touch()
    folders.state_job(Request(), Result("state", "now"))
    assert kept == ["stack.yaml", "versions.json"]


def test_it_is_handed_out_as_an_archive(monkeypatch: pytest.MonkeyPatch, capfdbinary: Any) -> None:
    asked: list[tuple[str, str]] = []

    @contextmanager
    def stream(_kept: Repository, snapshot: str, file: str) -> Iterator[IO[bytes]]:
        asked.append((snapshot, file))
        yield io.BytesIO(b"an archive")

    def find(_kept: Repository, store: str, backup: str) -> Head:
        return Head(backup, store, "then", 1, "data-of-it", "manifest-of-it")

    monkeypatch.setattr(Repository, "stream", stream)
    monkeypatch.setattr(manifest, "find", find)
    assert command_line.main(["get", "state", "20261130T033000Z"]) == 0
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == b"an archive"
    assert asked == [("data-of-it:/state", "")]
