"""Restoring a running stack: who is stopped, in which order, and that everybody is back whatever happens."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from typer.testing import CliRunner

from operations import restore as restore_module
from operations import standstill
from operations.__main__ import app
from operations.exit_codes import ExitCode, OperationError
from operations.running_stack import RunningStack
from operations.tests.conftest import FakeApi

LISTED = [
    {"backup": "20261101T033000Z", "store": store, "taken": "2026-11-01T03:30:00+00:00", "bytes": 1}
    for store in ("postgres", "files", "redis", "neo4j")
]


class FakeKeeper:
    """Jobs that do what they are told, but for those that are to fail."""

    def __init__(self, journal: list[str]) -> None:
        self.journal = journal
        self.failing: set[str] = set()
        self.files: dict[str, str] = {}

    def listed(self) -> list[dict[str, Any]]:
        return LISTED

    def put(self, name: str, content: str) -> None:
        self.files[name] = content

    def read(self, name: str) -> str | None:
        return self.files.get(name)

    def remove(self, name: str) -> None:
        self.files.pop(name, None)

    @contextmanager
    def alone(self, _: str, __: float) -> Iterator[None]:
        yield

    def perform(self, job: str, request: dict[str, Any]) -> dict[str, Any]:
        self.journal.append(job)
        if job in self.failing:
            raise OperationError(ExitCode.BROKEN, f"{job}: the dump is not whole")
        return {"report": {"before": "market_research_before_x"}} if job == "restore-postgres" else {}


@pytest.fixture
def journal(api: FakeApi, stack: RunningStack, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    entries: list[str] = []
    names = {api.add(service, Health={"Status": "healthy"})["Id"]: service for service in ("api", "redis", "neo4j")}
    setattr(api, "stop", lambda one, timeout: entries.append(f"stop {names[one]}"))  # noqa: B010 - not of the fake

    def start(one: str) -> None:
        entries.append(f"start {names[one]}")
        api.inspect_container(one)["State"]["Status"] = "running"

    setattr(api, "start", start)  # noqa: B010
    monkeypatch.setattr(standstill, "HEALTHY_WITHIN_SECONDS", 0)
    for facts in api.known:
        facts["Config"]["StopTimeout"] = 30
    monkeypatch.setattr(restore_module, "record", lambda *_: entries.append("recorded"))

    def saved(*_: Any) -> str:
        entries.append("safety")
        return "20261102T000000Z"

    monkeypatch.setattr(restore_module, "saved", saved)
    monkeypatch.setattr(restore_module, "consistency", lambda _: (True, ["consistent"]))
    monkeypatch.setattr(restore_module, "migrated", lambda _: entries.append("migrated"))
    monkeypatch.setattr("operations.deploy_lock.DeployLock.held", lambda *_, **__: nullcontext())
    return entries


@pytest.fixture
def keeper(journal: list[str], monkeypatch: pytest.MonkeyPatch) -> FakeKeeper:
    keeper = FakeKeeper(journal)
    monkeypatch.setattr(restore_module, "Keeper", lambda _: keeper)
    return keeper


def run(*options: str) -> Any:
    return CliRunner().invoke(app, ["restore", "--confirm", "dev", *options])


def test_a_backup_of_what_there_is_comes_first_and_the_api_is_away_meanwhile(keeper: FakeKeeper):
    result = run("--json")
    assert result.exit_code == 0, result.output
    assert keeper.journal == [
        "stop api",
        "safety",
        "restore-postgres",
        "restore-files",
        *("restore-fetch", "stop redis", "restore-redis", "start redis"),
        *("restore-fetch", "stop neo4j", "restore-neo4j", "start neo4j"),
        "restore-clear",
        "migrated",
        "start api",
        "recorded",
    ]
    report = json.loads(result.stdout)
    assert report["safety_backup"] == "20261102T000000Z"
    assert report["restored"]["postgres"]["kept_beside"] == "market_research_before_x"


def test_after_an_import_the_log_ends_where_the_lost_stacks_ended_and_a_new_base_follows_the_restore(
    keeper: FakeKeeper,
):
    keeper.files["imported.json"] = "{}"
    assert run("--at", "latest").exit_code == 0
    assert "backup-wal" not in keeper.journal, "what this stack wrote is no part of what is restored"
    assert "safety" not in keeper.journal, "what is empty must not become the newest backup"
    assert keeper.journal.index("backup-base") > keeper.journal.index("restore-clear")
    assert "imported.json" not in keeper.files, "now it backs up what it has"


def test_an_import_that_gave_another_store_alone_back_is_still_to_be_restored(keeper: FakeKeeper):
    keeper.files["imported.json"] = "{}"
    assert run("--service", "redis").exit_code == 0
    assert "imported.json" in keeper.files


def test_one_store_alone_leaves_the_others(keeper: FakeKeeper):
    run("--service", "redis", "--no-safety-backup")
    assert keeper.journal == [
        "stop api",
        "restore-fetch",
        "stop redis",
        "restore-redis",
        "start redis",
        "restore-clear",
        "start api",
        "recorded",
    ]


def test_what_fails_starts_everybody_again_and_says_what_was_restored(
    keeper: FakeKeeper, monkeypatch: pytest.MonkeyPatch
):
    noted: list[str] = []
    monkeypatch.setattr("operations.audit.record", lambda _, action, detail, result: noted.append(f"{action} {result}"))
    keeper.failing = {"restore-redis"}
    error = run().exception
    assert isinstance(error, OperationError)
    assert "restore-redis: the dump is not whole. redis is as it was. Restored before it: postgres, files." in str(
        error
    )
    assert keeper.journal[-2:] == ["start redis", "start api"]
    assert noted == ["restore failed"]


def test_nothing_happens_without_the_stacks_name(keeper: FakeKeeper):
    error = CliRunner().invoke(app, ["restore", "--confirm", "prod"]).exception
    assert "'prod' is not 'dev'" in str(error)
    assert keeper.journal == []


def test_a_store_that_there_is_not_is_refused(keeper: FakeKeeper):
    assert "--service mysql: allowed are postgres, files, redis, neo4j" in str(run("--service", "mysql").exception)
    assert keeper.journal == []


def test_a_service_that_ends_again_and_again_is_stopped_too_and_one_that_is_down_is_started(
    keeper: FakeKeeper, api: FakeApi
):
    api.known[0]["State"]["Status"] = "restarting"
    api.known[1]["State"]["Status"] = "exited"
    run("--service", "redis", "--no-safety-backup")
    assert keeper.journal == [
        "stop api",
        "restore-fetch",
        "restore-redis",
        "start redis",
        "restore-clear",
        "start api",
        "recorded",
    ]


def test_what_is_not_healthy_afterwards_is_no_success(
    keeper: FakeKeeper, api: FakeApi, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(standstill, "HEALTHY_WITHIN_SECONDS", 0)
    api.known[1]["State"]["Health"]["Status"] = "unhealthy"
    error = run("--service", "redis", "--no-safety-backup").exception
    assert "redis is unhealthy after its start" in str(error)


def test_stores_that_do_not_fit_to_each_other_are_no_success(keeper: FakeKeeper, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(restore_module, "consistency", lambda _: (False, ["graph: 2 nodes without a row"]))
    result = run("--no-safety-backup")
    assert "do not fit to each other" in str(result.exception)
    assert "2 nodes without a row" in result.output


@pytest.mark.parametrize(
    "note", [{"containers": ["redis", "api"]}, {"containers": ["redis"], "by_hand": ["api"]}], ids=["at once", "later"]
)
def test_what_a_killed_restore_left_stopped_is_started_by_the_next(keeper: FakeKeeper, note: dict[str, list[str]]):
    keeper.files["stopped.json"] = json.dumps(note)
    result = CliRunner().invoke(app, ["restore", "--resume", "--json"])
    assert json.loads(result.stdout) == {"stack": "dev", "started": ["redis", "api"]}
    assert keeper.journal == ["start redis", "start api", "recorded"]
    assert "stopped.json" not in keeper.files


def test_a_job_that_a_killed_restore_left_at_work_ends_before_anybody_is_started(
    keeper: FakeKeeper, api: FakeApi, monkeypatch: pytest.MonkeyPatch
):
    stopped: list[str] = []
    api.add("restore-redis", job=True)
    api.add("backup-postgres", job=True)
    api.add("recover-postgres", job=True, Status="exited")
    monkeypatch.setattr(api, "stop", lambda one, timeout: stopped.append(f"{one} after {keeper.journal}"))
    keeper.files["stopped.json"] = json.dumps({"containers": ["redis"]})
    assert CliRunner().invoke(app, ["restore", "--resume"]).exit_code == 0
    assert stopped == ["restore-redis-1-id after []"]


def test_nothing_is_resumed_while_the_restore_is_still_at_it(keeper: FakeKeeper, monkeypatch: pytest.MonkeyPatch):
    def refused(*_: Any, **__: Any) -> None:
        raise OperationError(ExitCode.BROKEN, "stack dev is being deployed")

    monkeypatch.setattr("operations.deploy_lock.DeployLock.held", refused)
    keeper.files["stopped.json"] = json.dumps({"containers": ["api"]})
    assert "is being deployed" in str(CliRunner().invoke(app, ["restore", "--resume"]).exception)
    assert keeper.journal == []


def test_who_stands_still_is_written_down_until_it_goes_on(keeper: FakeKeeper, monkeypatch: pytest.MonkeyPatch):
    seen: list[list[str]] = []
    perform = keeper.perform

    def noting(job: str, request: dict[str, Any]) -> dict[str, Any]:
        seen.append(json.loads(keeper.files["stopped.json"])["containers"])
        return perform(job, request)

    monkeypatch.setattr(keeper, "perform", noting)
    run("--service", "redis", "--no-safety-backup")
    assert seen == [["api"], ["api", "redis"], ["api"]]
    assert "stopped.json" not in keeper.files, "nobody is left"
