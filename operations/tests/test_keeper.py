"""A stack's backups from outside: what its scheduler is asked, and how a job's end is told."""

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker.errors import NotFound
from rich.console import Console

from infra.engine import MIB
from operations import keeper as keeper_module
from operations.archives import packed
from operations.backup import when_free
from operations.exit_codes import ExitCode, OperationError
from operations.keeper import EMPTY, UID, Keeper
from operations.running_stack import RunningStack
from operations.tests.conftest import FakeApi


class BackupApi(FakeApi):
    """An engine whose scheduler answers `answers`, and whose jobs end with `code`."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: tuple[bytes, bytes, int] = (b"", b"", 0)
        self.put: dict[str, str] = {}
        self.started: list[str] = []
        self.code = 0

    def exec_create(self, container_id: str, command: list[str]) -> dict[str, str]:
        self.asked.append({"command": command})
        return {"Id": "1"}

    def exec_start(self, exec_id: str, **_: Any) -> Any:
        return iter([(self.answers[0], None), (None, self.answers[1])])

    def exec_inspect(self, exec_id: str) -> dict[str, int]:
        return {"ExitCode": self.answers[2]}

    def put_archive(self, container_id: str, folder: str, archive: bytes) -> None:
        with tarfile.open(fileobj=io.BytesIO(archive)) as content:
            member = content.getmembers()[0]
            file = content.extractfile(member)
            assert file
            self.put[f"{folder}/{member.name}"] = file.read().decode()

    def get_archive(self, container_id: str, path: str) -> tuple[Iterator[bytes], dict[str, Any]]:
        if path not in self.files:
            raise NotFound("no such file")
        return super().get_archive(container_id, path)

    def start(self, container_id: str) -> None:
        self.started.append(container_id)
        state = self.inspect_container(container_id)["State"]
        state.update(Status="exited", ExitCode=self.code)


@pytest.fixture
def api() -> BackupApi:
    return BackupApi()


@pytest.fixture
def keeper(api: BackupApi, stack: RunningStack, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    monkeypatch.setattr(keeper_module, "POLL_SECONDS", 0)
    api.add("backup")
    api.add("backup-redis", job=True, Status="created")
    return Keeper(stack)


def test_a_stack_without_backups_says_how_to_get_them(api: BackupApi, stack: RunningStack):
    api.add("redis")
    with pytest.raises(OperationError, match="pulumi config set --path backup true --stack dev") as refused:
        Keeper(stack)
    assert refused.value.code == ExitCode.WRONG_USE


def test_what_the_scheduler_prints_is_the_answer(api: BackupApi, keeper: Keeper):
    api.answers = (b'[{"backup": "1"}]', b"looking ...\n", 0)
    assert keeper.listed() == [{"backup": "1"}]
    assert api.asked[-1]["command"] == ["python", "-m", "backup", "list", "--json"]


def test_what_it_complains_of_is_the_error(api: BackupApi, keeper: Keeper):
    api.answers = (b"", b"first line\nbackup: redis: no space left; make room\n", 1)
    with pytest.raises(OperationError, match=r"^redis: no space left; make room$"):
        keeper.ask("run")


def test_a_job_gets_its_request_and_gives_its_result(api: BackupApi, keeper: Keeper):
    api.files["/work/results/redis.json"] = json.dumps({"ok": True, "bytes": 3})
    assert keeper.perform("backup-redis", {"backup": "1"}) == {"ok": True, "bytes": 3}
    assert json.loads(api.put["/work/request.json"]) == {"backup": "1"}
    assert api.started == ["backup-redis-1-id"]


def test_a_job_that_fails_says_why(api: BackupApi, keeper: Keeper):
    api.code = 1
    api.files["/work/results/redis.json"] = json.dumps({"ok": False, "error": "wrong key"})
    with pytest.raises(OperationError, match="backup-redis: wrong key"):
        keeper.perform("backup-redis", {})


def test_a_job_that_leaves_no_result_is_quoted_from_its_log(api: BackupApi, keeper: Keeper):
    api.code = 137
    api.written["backup-redis-1-id"] = [b"begun\nbackup: killed\n"]
    with pytest.raises(OperationError, match="backup-redis: killed"):
        keeper.perform("backup-redis", {})


def test_a_job_whose_container_is_gone_says_how_to_get_it_back(api: BackupApi, keeper: Keeper):
    api.known = [one for one in api.known if "redis" not in one["Id"]]
    with pytest.raises(OperationError, match="pulumi up --refresh --stack dev"):
        keeper.perform("backup-redis", {})


def test_the_container_that_holds_a_jobs_secrets_is_not_taken_for_it(
    api: BackupApi, keeper: Keeper, stack: RunningStack
):
    holder = api.add("backup-files", job=True, Status="created")
    holder["HostConfig"]["Memory"] = 0
    assert stack.dormant("backup-files") is None
    api.add("backup-files", 2, job=True, Status="created")["HostConfig"]["Memory"] = 512 * MIB
    found = stack.dormant("backup-files")
    assert found
    assert found.id == "backup-files-2-id"


def test_a_file_for_jobs_is_theirs_and_nobody_elses():
    with tarfile.open(fileobj=io.BytesIO(packed("request.json", "{}", UID))) as content:
        member = content.getmembers()[0]
    assert (member.uid, member.mode) == (10001, 0o600)


def test_what_a_backup_holds_is_laid_out_here_and_does_not_stay_there(
    api: BackupApi, keeper: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for job in ("restore-fetch", "restore-clear"):
        api.add(job, job=True, Status="created")
    folder = packed("state/stack.yaml", "config: {}\n", UID)
    monkeypatch.setattr(api, "get_archive", lambda _, path: (iter([folder]), path))
    monkeypatch.setattr(Keeper, "read", lambda *_: None)
    keeper.fetch("state", "1", tmp_path)
    assert (tmp_path / "stack.yaml").read_text() == "config: {}\n"
    assert api.started == ["restore-fetch-1-id", "restore-clear-1-id"]


def test_what_was_left_is_taken_away_again(api: BackupApi, keeper: Keeper):
    keeper.remove("stopped.json")
    assert api.asked[-1]["command"][-1] == "/work/stopped.json"


def test_a_repository_that_is_not_emptied_is_not_filled_and_keeps_its_key(api: BackupApi, keeper: Keeper):
    api.files["/run/key/backup_key"] = "own"
    api.answers = (b"", b"PermissionError: /repository/data\n", 1)
    with pytest.raises(OperationError, match="PermissionError: /repository/data"), keeper.anew("another"):
        pytest.fail("it must not be filled")
    assert api.put["/run/key/backup_key"] == "own"


def test_a_repository_that_could_not_be_filled_is_empty_again_and_opens_with_its_own_key(
    api: BackupApi, keeper: Keeper
):
    api.files["/run/key/backup_key"] = "own"
    with pytest.raises(OperationError, match="no copy"), keeper.anew("another"):
        assert api.put["/run/key/backup_key"] == "another"
        api.asked.clear()
        raise OperationError(ExitCode.BROKEN, "no copy")
    assert api.put["/run/key/backup_key"] == "own"
    assert [one["command"][1:] for one in api.asked] == [["-c", EMPTY], ["-m", "backup", "forget-repository"]]


def test_a_stack_that_is_not_up_makes_no_backups(stack: RunningStack):
    assert not Keeper.declared(stack)
    assert not Keeper.works(stack)
    assert not stack.is_up


def test_whoever_is_interrupted_takes_the_job_along(api: BackupApi, keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    stopped: list[str] = []
    monkeypatch.setattr(api, "start", api.started.append)
    monkeypatch.setattr(api, "stop", lambda one, timeout: stopped.append(one), raising=False)

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        keeper.perform("backup-redis", {})
    assert stopped == ["backup-redis-1-id"]


def test_who_waits_for_another_run_is_told_once(api: BackupApi, keeper: Keeper, monkeypatch: pytest.MonkeyPatch):
    told = Console(record=True, file=io.StringIO(), width=200)
    answers = [(b"", b"backup: another run is under way: wal; try again\n", 1)] * 3 + [(b"{}", b"files ...\n", 0)]

    def next_answer(_: float) -> None:
        api.answers = answers.pop(0)

    next_answer(0)
    monkeypatch.setattr("time.sleep", next_answer)
    assert when_free(keeper, told, "run", "--json") == "{}"
    text = told.export_text()
    assert text.splitlines() == ["waiting, 900 s at most: another run is under way: wal; try again", "files ..."]
