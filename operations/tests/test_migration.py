"""The migration job on a restored database."""

from typing import Any

import pytest

from infra.engine import Engine
from operations.exit_codes import OperationError
from operations.migration import migrated
from operations.running_stack import RunningStack
from operations.tests.conftest import FakeApi


@pytest.fixture
def started(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was started; the job ends with the exit code that its state tells."""
    started: list[str] = []
    setattr(api, "start", started.append)  # noqa: B010 - not of the fake
    setattr(api, "wait", lambda one: {"StatusCode": api.inspect_container(one)["State"]["ExitCode"]})  # noqa: B010
    monkeypatch.setattr(Engine, "last_log_lines", lambda *_: ["migrate: postgres schema: no such role"])
    return started


def job(api: FakeApi, number: int, code: int = 0) -> dict[str, Any]:
    return api.add("migration", number, job=True, Status="exited", ExitCode=code)


def test_the_newest_one_runs_to_its_end(api: FakeApi, stack: RunningStack, started: list[str]):
    job(api, 1)
    job(api, 2)
    migrated(stack)
    assert started == ["migration-2-id"]


def test_one_that_fails_is_told_with_its_log(api: FakeApi, stack: RunningStack, started: list[str]):
    job(api, 1, code=1)
    with pytest.raises(OperationError, match=r"no such role\. Mend the cause, then `docker start -a dev-migration-1`"):
        migrated(stack)
    assert started
