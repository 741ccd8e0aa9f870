"""One deploy at a time."""

import io
import os
import signal
import socket
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import docker
import pytest
from rich.console import Console

from infra.engine import Engine
from operations import lock_holder
from operations.deploy_lock import LABEL, DeployLock
from operations.exit_codes import OperationError
from operations.lock_holder import place

DEAD_PROCESS = 2**22 + 1
"""Above the largest that Linux gives."""


class FakeApi:
    """An engine that knows one container: the lock."""

    def __init__(self) -> None:
        self.labels: dict[str, str] | None = None
        self.made = 0

    def create_container(self, image: str, *, command: list[str], name: str, labels: dict[str, str]) -> dict[str, str]:
        if self.labels is not None:
            raise docker.errors.APIError("taken", response=Mock(status_code=409))
        self.labels = labels
        self.made += 1
        return {"Id": str(self.made)}

    def inspect_container(self, name: str) -> dict[str, Any]:
        if self.labels is None:
            raise docker.errors.NotFound("none")
        return {"Id": str(self.made), "Config": {"Labels": self.labels}}

    def remove_container(self, id_: str, force: bool) -> None:
        if self.labels is None or id_ != str(self.made):
            raise docker.errors.NotFound("none")
        self.labels = None


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file with the machine's ID, which not every container has."""
    file = tmp_path / "machine-id"
    file.write_text("this one\n")
    monkeypatch.setattr(lock_holder, "MACHINE", file)
    return file


@pytest.fixture
def lock(api: FakeApi) -> DeployLock:
    return DeployLock(Engine(cast(Any, Mock(api=api))), "market-research", "dev")


def held_by(api: FakeApi, *, host: str, pid: int, **place: str) -> None:
    """By default the lock is one of a version that wrote down neither machine nor boot nor pid namespace."""
    facts = {"user": "ada", "host": host, "pid": str(pid), "since": "noon", "reason": "repairs", **place}
    api.labels = {f"{LABEL}{key}": value for key, value in facts.items()}


def test_it_is_given_back_at_the_end(api: FakeApi, lock: DeployLock):
    with lock.held("", 0):
        assert api.labels is not None
    assert api.labels is None


def test_it_is_given_back_after_a_failure(api: FakeApi, lock: DeployLock):
    with pytest.raises(KeyboardInterrupt), lock.held("", 0):
        raise KeyboardInterrupt
    assert api.labels is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_it_is_given_back_when_the_process_is_told_to_end(api: FakeApi, lock: DeployLock, number: signal.Signals):
    with pytest.raises(KeyboardInterrupt), lock.held("", 0):
        os.kill(os.getpid(), number)
    assert api.labels is None


@pytest.mark.parametrize(("host", "pid"), [(socket.gethostname(), DEAD_PROCESS), ("elsewhere", DEAD_PROCESS)])
def test_one_that_another_holds_is_refused_with_who_why_and_the_way_out(
    api: FakeApi, lock: DeployLock, host: str, pid: int
):
    held_by(api, host=host, pid=pid)
    with pytest.raises(OperationError) as refused, lock.held("", 0):
        pytest.fail("two at a time")
    assert f"by ada on {host} (process {pid}) since noon, reason: repairs" in str(refused.value)
    doubt = "whether that process still runs cannot be told from here; when it is dead, `research unlock -s dev`"
    assert doubt in str(refused.value)
    assert api.labels is not None


def test_one_that_a_process_of_this_machine_holds_is_refused_without_a_doubt(api: FakeApi, lock: DeployLock):
    held_by(api, **place(), pid=os.getpid())
    with pytest.raises(OperationError, match=r"\(`--wait 600`\); when it is dead, `research unlock") as refused:
        lock.held("", 0).__enter__()
    assert "cannot be told" not in str(refused.value)


def test_who_waits_is_told_the_way_out(api: FakeApi, lock: DeployLock, monkeypatch: pytest.MonkeyPatch):
    held_by(api, host="elsewhere", pid=1)
    monkeypatch.setattr("operations.deploy_lock.time.sleep", lambda _: setattr(api, "labels", None))
    out = Console(file=io.StringIO(), width=1000)
    with lock.held("", 60, out):
        assert "60 s at most; whether that process still runs cannot be told" in cast(io.StringIO, out.file).getvalue()


def test_one_of_a_process_that_died_here_is_taken_over(api: FakeApi, lock: DeployLock):
    held_by(api, **place(), pid=DEAD_PROCESS)
    with lock.held("mine", 0):
        assert api.labels and api.labels[f"{LABEL}reason"] == "mine"


@pytest.mark.parametrize(
    ("elsewhere", "pid", "dead"),
    [
        ({}, DEAD_PROCESS, True),
        ({}, os.getpid(), False),
        ({"host": "renamed"}, DEAD_PROCESS, True),
        ({"pid_namespace": "pid:[1]"}, DEAD_PROCESS, False),
        ({"boot": "an earlier one"}, os.getpid(), True),
        ({"boot": "a clone's", "machine": "another"}, DEAD_PROCESS, False),
        ({"boot": "a clone's", "machine": ""}, DEAD_PROCESS, False),
        ({"boot": "another", "host": "elsewhere"}, DEAD_PROCESS, False),
        ({"boot": "another", "pid_namespace": "pid:[1]"}, DEAD_PROCESS, False),
        ({"boot": ""}, DEAD_PROCESS, False),
    ],
)
def test_a_process_is_dead_when_it_is_not_among_those_here_or_was_of_an_earlier_boot_of_this_machine(
    api: FakeApi, lock: DeployLock, elsewhere: dict[str, str], pid: int, dead: bool
):
    held_by(api, **{**place(), **elsewhere}, pid=pid)
    holder = lock.holder()
    assert holder and holder.is_dead is dead


def test_it_says_on_which_machine_in_which_boot_and_pid_namespace_its_process_is(api: FakeApi, lock: DeployLock):
    with lock.held("", 0):
        assert api.labels
        assert api.labels[f"{LABEL}machine"] == "this one"
        assert api.labels[f"{LABEL}boot"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        assert api.labels[f"{LABEL}pid_namespace"].startswith("pid:[")


@pytest.mark.parametrize("fact", ["MACHINE", "BOOT", "PID_NAMESPACE"])
def test_where_the_system_does_not_tell_it_nobody_of_another_boot_is_dead(
    api: FakeApi, lock: DeployLock, monkeypatch: pytest.MonkeyPatch, fact: str
):
    monkeypatch.setattr(lock_holder, fact, Path("/nowhere"))
    held_by(api, **{**place(), "boot": "another"}, pid=DEAD_PROCESS)
    holder = lock.holder()
    assert holder and not holder.is_dead


def test_who_was_slow_to_take_over_a_dead_ones_lock_does_not_take_it_from_the_one_who_was_quick(
    api: FakeApi, lock: DeployLock
):
    held_by(api, **place(), pid=DEAD_PROCESS)
    dead = lock.holder()
    assert dead and dead.is_dead
    with lock.held("quick", 0):
        lock.take_from(dead)
        assert api.labels is not None


def test_a_lock_that_another_is_just_taking_away_is_waited_for(
    api: FakeApi, lock: DeployLock, monkeypatch: pytest.MonkeyPatch
):
    held_by(api, **place(), pid=DEAD_PROCESS)
    in_progress = docker.errors.APIError("removal is already in progress", response=Mock(status_code=409))
    monkeypatch.setattr(api, "remove_container", Mock(side_effect=[in_progress, None]))
    monkeypatch.setattr("operations.deploy_lock.time.sleep", lambda _: setattr(api, "labels", None))
    with lock.held("mine", 60):
        assert api.labels and api.labels[f"{LABEL}reason"] == "mine"


def test_it_is_had_as_soon_as_the_holder_gives_it_back(api: FakeApi, lock: DeployLock, monkeypatch: pytest.MonkeyPatch):
    held_by(api, host="elsewhere", pid=1)
    monkeypatch.setattr("operations.deploy_lock.time.sleep", lambda _: setattr(api, "labels", None))
    with lock.held("mine", 60):
        assert api.labels and api.labels[f"{LABEL}reason"] == "mine"
