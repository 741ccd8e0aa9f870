"""A repository that is gone is not taken for one that was never there."""

import os
from pathlib import Path
from typing import Any

import pytest
from backup import __main__ as command_line
from backup import repository, restic, settings
from backup.repository import Repository
from backup.restic import NO_REPOSITORY, Target
from backup.settings import JobError


class Restic:
    """As much of restic as makes repositories and tells their ids."""

    def __init__(self) -> None:
        self.made = 0

    def attempt(self, _target: Target, *arguments: str, **_: Any) -> tuple[int, str, str]:
        if arguments[:2] == ("cat", "config"):
            config = settings.REPOSITORY / "config"
            return (0, f'{{"id": "{config.read_text()}"}}', "") if config.exists() else (NO_REPOSITORY, "", "none")
        return 0, "", ""

    def call(self, target: Target, *arguments: str, **_: Any) -> str:
        if arguments[0] == "init":
            self.made += 1
            (settings.REPOSITORY / "config").write_text(f"id-{self.made}")
        return ""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Restic:
    for name in ("repository", "work", "key"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(settings, "REPOSITORY", tmp_path / "repository")
    monkeypatch.setattr(settings, "WORK", tmp_path / "work")
    monkeypatch.setattr(settings, "REPOSITORY_ID", tmp_path / "key" / "repository")
    fake = Restic()
    monkeypatch.setattr(restic, "attempt", fake.attempt)
    monkeypatch.setattr(restic, "call", fake.call)
    return fake


def lose_repository() -> None:
    (settings.REPOSITORY / "config").unlink()


def test_the_first_job_makes_the_repository_and_its_id_is_noted_beside_the_key(fake: Restic) -> None:
    with repository.alone():
        pass
    repository.note()
    assert settings.REPOSITORY_ID.read_text() == "id-1"
    assert [path.name for path in settings.REPOSITORY_ID.parent.iterdir()] == ["repository"]


def test_a_repository_that_is_gone_is_not_replaced_by_an_empty_one(fake: Restic) -> None:
    with repository.alone():
        repository.note()
    lose_repository()
    repository.note()
    with (
        pytest.raises(JobError, match=r"id-1, .* is gone.*`research backup import`.*forget-repository"),
        repository.alone(),
    ):
        pass
    assert fake.made == 1


def test_it_is_filled_from_the_copy_elsewhere_and_the_new_one_is_noted(fake: Restic) -> None:
    with repository.alone():
        repository.note()
    lose_repository()
    with repository.alone(like=Repository(Target("rest:https://elsewhere"))):
        pass
    os.utime(settings.REPOSITORY_ID, (0, 0))
    repository.note()
    assert settings.REPOSITORY_ID.read_text() == "id-2"


def test_one_that_is_really_gone_can_be_forgotten(fake: Restic) -> None:
    with repository.alone():
        repository.note()
    lose_repository()
    assert command_line.main(["forget-repository"]) == 0
    with repository.alone():
        pass
    assert fake.made == 2


def test_one_that_is_there_is_not_forgotten(fake: Restic, capsys: pytest.CaptureFixture[str]) -> None:
    with repository.alone():
        repository.note()
    assert command_line.main(["forget-repository"]) == 1
    assert "is there: nothing was forgotten" in capsys.readouterr().err
    assert settings.REPOSITORY_ID.exists()


def test_an_id_that_cannot_be_told_holds_nothing_up(
    fake: Restic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (settings.REPOSITORY / "config").write_text("id-1")
    monkeypatch.setattr(restic, "attempt", lambda *_, **__: (restic.WRONG_KEY, "", "wrong password"))
    repository.note()
    assert not settings.REPOSITORY_ID.exists()
    assert "does not open it" in caplog.text
