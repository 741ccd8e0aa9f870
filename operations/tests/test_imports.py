"""A stack between an import and the restore of what was imported."""

from contextlib import nullcontext
from typing import Any

import pytest
from typer.testing import CliRunner

from operations import backup as backup_module
from operations import imports
from operations.__main__ import app
from operations.exit_codes import ExitCode, OperationError
from operations.running_stack import RunningStack


class FakeKeeper:
    """A repository that another one's backups were put into, or not yet."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.performed: list[str] = []
        self.backups: list[dict[str, Any]] = []

    def listed(self) -> list[dict[str, Any]]:
        return self.backups

    def put(self, name: str, content: str) -> None:
        self.files[name] = content

    def read(self, name: str) -> str | None:
        return self.files.get(name)

    def remove(self, name: str) -> None:
        del self.files[name]

    def alone(self, *_: Any) -> Any:
        return nullcontext()

    def perform(self, job: str, _: Any) -> dict[str, Any]:
        self.performed.append(job)
        return {}


@pytest.fixture
def keeper(stack: RunningStack, monkeypatch: pytest.MonkeyPatch) -> FakeKeeper:
    keeper = FakeKeeper()
    for module in (imports, backup_module):
        monkeypatch.setattr(module, "Keeper", lambda _: keeper)
    monkeypatch.setattr(imports, "copied", lambda *_: None)
    monkeypatch.setattr(imports, "record", lambda *_: None)
    done = {"backup": "20261130T000000Z", "seconds": 1.0, "jobs": []}
    monkeypatch.setattr(backup_module, "backed_up", lambda *_: done)
    return keeper


def backup(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["backup", *arguments])


def test_an_import_makes_no_base_of_what_is_empty_and_says_that_there_are_no_backups_until_a_restore(
    keeper: FakeKeeper,
):
    result = backup("import", "--from-stack", "prod")
    assert result.exit_code == 0, result.output
    assert keeper.performed == []
    assert keeper.files["imported.json"]
    assert "Until then the stack makes no backups of its own" in " ".join(result.output.split())


def test_an_import_that_fails_leaves_the_stack_as_one_that_backs_itself_up(
    keeper: FakeKeeper, monkeypatch: pytest.MonkeyPatch
):
    def gone(*_: Any) -> None:
        assert keeper.files["imported.json"], "the scheduler must know before the repository is another one"
        raise OperationError(ExitCode.BROKEN, "no backups of it on this engine")

    monkeypatch.setattr(imports, "copied", gone)
    assert backup("import", "--from-stack", "prod").exit_code == 1
    assert not keeper.files


def test_an_import_that_was_killed_can_be_typed_again_and_one_over_backups_of_its_own_cannot(keeper: FakeKeeper):
    keeper.backups = [{"backup": "20261130T000000Z", "store": "redis"}]
    assert backup("import", "--from-stack", "prod").exit_code == 1
    keeper.files["imported.json"] = "{}"
    assert backup("import", "--from-stack", "prod").exit_code == 0


def test_a_backup_by_hand_waits_for_the_restore_unless_it_is_not_to_be(keeper: FakeKeeper):
    backup("import", "--from-stack", "prod")
    refused = backup("run")
    assert refused.exit_code == 1
    assert keeper.files["imported.json"]
    assert backup("run", "--anyway").exit_code == 0
    assert not keeper.files, "from now on it backs up what it has"
    assert backup("run").exit_code == 0
