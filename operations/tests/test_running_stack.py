"""Finding a stack, and what is said when it is not there."""

from pathlib import Path

import pulumi
import pytest

from infra.engine import Engine
from operations.exit_codes import ExitCode, OperationError, told
from operations.running_stack import RunningStack, connected
from operations.stack_file import StackFile
from operations.tests.conftest import FakeApi

SDK = "no Docker engine answers at here: Error while fetching server API version: "
FIX = "\nStart it, or set DOCKER_HOST."


def refused(code: ExitCode, find: object, *arguments: object) -> str:
    with pytest.raises(OperationError) as error:
        find(*arguments)  # type: ignore[operator]
    assert error.value.code == code
    return str(error.value)


def test_a_stack_that_is_down_is_told_with_what_to_type(stack: RunningStack):
    assert "type `make up STACK=dev`" in refused(ExitCode.NOT_THERE, stack.containers)


def test_a_stack_that_nobody_knows_is_told_with_those_there_are(stack: RunningStack):
    other = RunningStack(StackFile("qa", stack.file.checkout), stack.engine)
    assert refused(ExitCode.NOT_THERE, other.containers) == "Pulumi.qa.yaml: no such file; there are stacks dev"


def test_containers_of_another_stack_are_not_this_ones(api: FakeApi, stack: RunningStack):
    api.add("api")
    api.add("redis")["Config"]["Labels"]["pulumi.stack"] = "prod"
    assert [one.service for one in stack.containers()] == ["api"]


def test_the_oldest_running_replica_is_number_one(api: FakeApi, stack: RunningStack):
    api.add("api", 1, Status="exited")
    api.add("api", 3)
    api.add("api", 2)
    assert [stack.running("api", number).name for number in (1, 2)] == ["dev-api-2", "dev-api-3"]
    assert "api runs 2 of them" in refused(ExitCode.WRONG_USE, stack.running, "api", 3)


def test_a_service_that_there_is_not_is_wrong_use(api: FakeApi, stack: RunningStack):
    api.add("api")
    api.add("migration", job=True, Status="exited")
    assert refused(ExitCode.WRONG_USE, stack.running, "nginx") == "stack dev has no service nginx; there are api"


def test_a_service_that_does_not_run_is_told_with_its_state(api: FakeApi, stack: RunningStack):
    api.add("api", Status="exited")
    assert "api does not run (dev-api-1 is exited)" in refused(ExitCode.NOT_THERE, stack.running, "api")


@pytest.mark.parametrize(
    ("layers", "reason", "fix"),
    [
        ("('Connection aborted.', FileNotFoundError(2, 'No such file or directory'))", "No such file", "Start it"),
        (
            'HTTPConnectionPool(host="x"): (Caused by E("[Errno 111] Connection refused"))',
            "Connection refused",
            "Start",
        ),
        ("Failed to resolve 'x' ([Errno -2] Name or service not known)", "Name or service not known", "Start it"),
        (
            "('Connection aborted.', PermissionError(13, 'Permission denied'))",
            "Permission denied",
            "usermod -aG docker",
        ),
    ],
)
def test_an_engine_that_does_not_answer_is_told_in_a_line(
    layers: str, reason: str, fix: str, monkeypatch: pytest.MonkeyPatch
):
    def connect() -> Engine:
        raise pulumi.RunError(f"{SDK}{layers}{FIX}")

    monkeypatch.setattr(Engine, "connect", connect)
    first, _, rest = refused(ExitCode.NOT_THERE, connected).partition("\n")
    assert first.startswith(f"no Docker engine answers at here: {reason}")
    assert "fetching" not in first
    assert fix in rest


def test_a_file_that_is_not_yaml_is_named(tmp_path: Path):
    (tmp_path / "Pulumi.dev.yaml").write_text("config: [")
    message = refused(ExitCode.BROKEN, lambda: StackFile("dev", tmp_path).config)
    assert message.startswith("Pulumi.dev.yaml: not YAML")


def test_settings_are_read_as_pulumi_hands_them_on(stack: RunningStack):
    assert stack.file.settings.services["redis"].cpus == 0.5
    assert stack.file.replicas == {"api": 1, "redis": 1}


def test_an_error_ends_the_process_with_its_code_and_without_a_traceback(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended, told():
        raise OperationError(ExitCode.NOT_THERE, "it is not there")
    assert ended.value.code == 3
    assert capsys.readouterr().err == "error: it is not there\n"
