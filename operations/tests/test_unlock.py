"""Taking away a lock whose holder cannot be asked any more."""

import json
from unittest.mock import Mock

import pytest

from operations import unlock as unlocking
from operations.exit_codes import OperationError
from operations.lock_holder import Holder
from operations.running_stack import RunningStack
from operations.unlock import unlock

FACTS = {"user": "ada[b]", "host": "build-1", "pid": "7", "since": "noon", "reason": "repairs"}


@pytest.fixture
def lock(stack: RunningStack, monkeypatch: pytest.MonkeyPatch) -> Mock:
    held = Mock()
    held.holder.return_value = Holder("1", FACTS)
    monkeypatch.setattr(unlocking, "DeployLock", lambda *_: held)
    monkeypatch.setattr(unlocking, "record", lambda *_: None)
    return held


def test_it_tells_whose_lock_it_took(lock: Mock, capsys: pytest.CaptureFixture[str]):
    unlock(confirm="dev")
    assert "it was held by ada[b] on build-1 since noon" in capsys.readouterr().out
    lock.take_from.assert_called_once_with(lock.holder())


def test_it_takes_nothing_from_who_names_another_stack(lock: Mock):
    with pytest.raises(OperationError, match="'prod' is not 'dev'"):
        unlock(confirm="prod")
    lock.take_from.assert_not_called()


def test_programs_get_the_holder(lock: Mock, capsys: pytest.CaptureFixture[str]):
    unlock(confirm="dev", json=True)
    assert json.loads(capsys.readouterr().out) == {"stack": "dev", "unlocked": True, "holder": FACTS}


def test_programs_are_told_that_nobody_held_it(lock: Mock, capsys: pytest.CaptureFixture[str]):
    lock.holder.return_value = None
    unlock(json=True)
    assert json.loads(capsys.readouterr().out) == {"stack": "dev", "unlocked": False, "holder": None}
