"""Tools in containers: what is run, where the password goes, and how it ends."""

import io
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from operations import sessions
from operations.asked_password import Screen, sized
from operations.clients import cypher, psql, redis
from operations.exit_codes import ExitCode, OperationError
from operations.running_stack import RunningStack
from operations.sessions import Session, fed
from operations.shell import shell
from operations.tests.conftest import FakeApi

SECRET = "correct-horse"
ECHO = "import sys; print(sys.stdin.read()); sys.exit(7)"


class Started(Exception):  # noqa: N818 - no error
    """A tool was started instead of which nothing runs here."""

    def __init__(self, argv: list[str], password: str = "") -> None:
        super().__init__(argv)
        self.argv = argv
        self.password = password


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def replaced(_: str, argv: list[str], environment: dict[str, str]) -> None:
        assert environment["DOCKER_CONTEXT"] == "default"
        raise Started(argv)

    def fed_with(argv: list[str], password: str, *_: Any) -> int:
        raise Started(argv, password)

    monkeypatch.setattr(os, "execvpe", replaced)
    monkeypatch.setattr(sessions, "fed", fed_with)
    monkeypatch.setattr(shutil, "which", lambda _: "docker")


@pytest.fixture
def up(api: FakeApi, stack: RunningStack) -> FakeApi:
    for service in ("postgres", "redis", "neo4j"):
        api.add(service)
    api.add("api")["Config"]["Env"] = ["REDIS_URL=redis://api_b@redis:6379/0"]
    api.files["/run/secrets/redis_password"] = SECRET
    return api


def started(command: Any, *arguments: Any, **options: Any) -> Started:
    with pytest.raises(Started) as run:
        command(*arguments, **options)
    return run.value


def test_psql_asks_as_the_application_over_the_socket_that_needs_no_password(up: FakeApi):
    argv = started(psql, "SELECT 1").argv
    assert argv[:3] == ["docker", "exec", "--interactive"]
    tool = argv[argv.index("postgres-1-id") + 1 :]
    assert tool == ["psql", "--username", "api_a", "--dbname", "market_research", "--command", "SELECT 1"]


def test_psql_is_the_superuser_only_if_told(up: FakeApi):
    assert "postgres" in started(psql, superuser=True).argv


def test_what_follows_goes_to_the_tool(up: FakeApi):
    assert "--csv" in started(psql, "SELECT 1", ["--csv"]).argv


def test_redis_gets_its_password_typed_and_nowhere_else(up: FakeApi):
    run = started(redis, "GET a")
    assert run.password == SECRET
    assert SECRET not in " ".join(run.argv)
    assert run.argv[-5:] == ["--user", "api_b", "--askpass", "GET", "a"]


def test_cypher_shell_finds_its_login_in_the_container(up: FakeApi):
    argv = started(cypher, "RETURN 1").argv
    assert argv[-1] == "RETURN 1"
    assert '<"${NEO4J_USERS_PATH:-$NEO4J_AUTH_PATH}"' in argv[argv.index("cypher-shell") - 1]


def test_a_tool_whose_terminal_is_gone_does_not_stay_for_good(up: FakeApi):
    assert "--idle-timeout 1h" in " ".join(started(cypher).argv)
    assert "PGOPTIONS=-c idle_session_timeout=1h" in started(psql).argv


def test_without_the_api_there_is_no_password_for_redis(up: FakeApi):
    up.known = [one for one in up.known if not one["Id"].startswith("api")]
    with pytest.raises(OperationError, match="stack dev has no api, whose redis_password is needed"):
        redis("PING")


@pytest.mark.parametrize(
    ("present", "command"),
    [
        ({"sh", "bash"}, ["bash", "-c", "id"]),
        ({"busybox"}, ["busybox", "sh", "-c", "id"]),
        ({"python"}, ["python", "-q", "-c", "id"]),
    ],
)
def test_a_shell_is_the_best_that_the_image_has(up: FakeApi, present: set[str], command: list[str]):
    up.shells = present
    assert started(shell, "api", "id").argv[-len(command) :] == command


def test_an_image_without_any_shell_is_told(up: FakeApi):
    with pytest.raises(OperationError, match="none of bash, sh, busybox, python") as refused:
        shell("api")
    assert refused.value.code == ExitCode.NOT_THERE


def test_a_terminal_is_asked_for_only_where_there_is_one():
    session = Session("c", ["psql"])
    assert "--tty" in session.argv(terminal=True)
    assert "--tty" not in session.argv(terminal=False)


def test_a_missing_docker_command_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(OperationError, match="docker command is missing"):
        Session("c", ["psql"]).argv(terminal=False)


def test_the_password_is_the_first_line_and_the_end_is_the_tools(capfd: pytest.CaptureFixture[str], tmp_path: Path):
    (tmp_path / "more").write_text("PING\n")
    with (tmp_path / "more").open("rb") as more:
        assert fed([sys.executable, "-c", ECHO], SECRET, dict(os.environ), more) == 7
    assert capfd.readouterr().out == f"{SECRET}\nPING\n\n"


def test_a_tool_that_ends_before_it_reads_is_no_error_of_ours(tmp_path: Path):
    (tmp_path / "more").write_bytes(b"x" * 2**20)
    with (tmp_path / "more").open("rb") as more:
        assert fed([sys.executable, "-c", "raise SystemExit(3)"], SECRET, dict(os.environ), more) == 3


def played(monkeypatch: pytest.MonkeyPatch, output: list[bytes]) -> tuple[list[bytes], bytes]:
    """What a person sees when a tool prints `output`, and what was typed."""
    typed = io.BytesIO()

    def read(*_: int) -> bytes:
        if not output:
            raise OSError("it ended")
        return output.pop(0)

    monkeypatch.setattr("operations.asked_password.follow_size", lambda _: None)
    monkeypatch.setattr("operations.asked_password.select", lambda *_: None)
    monkeypatch.setattr(os, "read", read)
    monkeypatch.setattr(os, "write", lambda _, data: typed.write(data))
    screen, seen = Screen(SECRET), []
    try:
        while True:
            seen.append(screen.read(0))
    except OSError:
        return seen, typed.getvalue()


def test_on_a_terminal_neither_prompt_nor_answer_is_seen(monkeypatch: pytest.MonkeyPatch):
    output = [b"Please input ", b"password: ", b"*****", b"**\r\n127.0.0.1> ", b"PONG"]
    assert played(monkeypatch, output) == ([b"127.0.0.1> ", b"PONG"], SECRET.encode() + b"\r")


def test_a_tool_that_ends_without_asking_is_heard(monkeypatch: pytest.MonkeyPatch):
    assert played(monkeypatch, [b"no such container\r\n"]) == ([b"no such container\r\n"], b"")


def test_the_containers_terminal_is_as_large_as_this_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "get_terminal_size", lambda: os.terminal_size((133, 40)))
    assert sized(["redis-cli"])[3:] == ["sh", "40", "133", "redis-cli"]
