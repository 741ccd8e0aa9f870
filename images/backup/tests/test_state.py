"""The state is backed up when somebody has left it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from backup import folders, repository, settings
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


def test_what_was_left_is_stored(kept: list[str]) -> None:
    (settings.WORK / "stack.yaml").touch()
    folders.state_job(Request(), Result("state", "now"))
    assert kept == ["stack.yaml"]
