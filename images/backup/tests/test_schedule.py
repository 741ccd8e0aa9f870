"""The commands: what they print, how they leave, and that a signal leaves nothing stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from backup import jobs_file, schedule
from backup.schedule import main
from backup.work import Work, put, read

from tests.gate import Stand, jobs

PROGRAM = """
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from backup import exposition, jobs_file, schedule, settings, timetable
from backup.work import Work
jobs_file.FILE, schedule.Work = Path(sys.argv[1], "jobs.json"), lambda: Work(Path(sys.argv[1]))
settings.KEPT_KEY = Path(sys.argv[1], "backup_key")
exposition.listen = partial(exposition.listen, port=0)
timetable.SETTLE = timedelta()
sys.exit(schedule.main(sys.argv[2:]))
"""


@pytest.fixture
def told(whole: Stand, monkeypatch: pytest.MonkeyPatch) -> Stand:
    """A stand that the commands find."""
    found = jobs()
    content = {"stack": found.stack, "containers": found.containers, "neo4j_grace_seconds": 120}
    put(whole.work.root / "jobs.json", content)
    monkeypatch.setattr(jobs_file, "FILE", whole.work.root / "jobs.json")
    monkeypatch.setattr(schedule, "Work", lambda: Work(whole.work.root))
    monkeypatch.setattr(schedule, "Clock", lambda *_: whole.clock)
    monkeypatch.setattr(whole.clock, "end_on_signals", lambda: None)
    monkeypatch.setenv("ENGINE_URL", f"http://127.0.0.1:{whole.gate.port}")
    monkeypatch.setenv("BACKUP_AT", "03:30")
    return whole


def test_a_run_prints_how_it_gets_on(told: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run"]) == 0
    printed = capsys.readouterr()
    assert "backup-redis ...\nredis done in 0.5 s\n" in printed.out
    assert printed.err == ""
    assert "{" not in printed.out, "that is for programs"
    assert "backup-check" in told.gate.started()


def test_for_a_program_it_prints_json_and_nothing_else(told: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--stores", "files,redis", "--json"]) == 0
    printed = capsys.readouterr()
    record = json.loads(printed.out)
    assert [job["job"] for job in record["jobs"]] == ["redis", "files", "copy"], "in the order of a run"
    assert "redis done" in printed.err


def test_a_run_that_fails_says_in_one_line_what_did(told: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    told.gate.containers["backup-redis"].work = told.gate.writes("redis", 1, error="no room")
    del told.gate.containers["backup-files"]
    assert main(["run"]) == 1
    line = "redis: no room; files: test-backup-files (backup-files) is gone: run `pulumi up --refresh --stack test`"
    assert capsys.readouterr().err == f"backup: {line}\n"


def test_a_run_beside_another_is_refused(told: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["run"], ["drill"]):
        with told.work.alone("daily"):
            assert main(command) == 1
        said = "backup: another run is under way: daily; try again when it is done\n"
        assert capsys.readouterr().err == said
    assert not told.gate.asked


def test_a_drill_by_hand_is_a_drill(told: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drill", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"]


def test_a_base_and_the_log_are_made_by_hand_when_they_are_named_and_not_else(told: Stand) -> None:
    assert main(["run", "--stores", "wal,base,postgres"]) == 0
    assert told.gate.started() == ["backup-postgres", "backup-base", "backup-wal", "backup-copy"]
    told.gate.asked.clear()
    assert main(["run"]) == 0
    assert "backup-base" not in told.gate.started()


@pytest.mark.parametrize("force", [False, True])
def test_a_check_by_hand_can_say_that_the_clock_is_right(told: Stand, force: bool) -> None:
    heard: list[object] = []
    told.gate.notes("backup-check", lambda: heard.append(read(told.work.request)["force"]))
    assert main(["check", *["--force"] * force]) == 0
    assert (heard, told.gate.started()) == ([force], ["backup-check"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "no command: allowed are schedule | run"),
        (["start"], "start: allowed are schedule | run"),
        (["run", "redis"], "run redis: allowed are"),
        (["run", "--stores"], "allowed are"),
        (["schedule", "--json"], "allowed are"),
        (
            ["run", "--stores", "redis,mongo"],
            "--stores: mongo: this stack backs up postgres, redis, files, neo4j, state, base, wal",
        ),
        (["run", "--stores", ""], "--stores: : this stack backs up"),
    ],
)
def test_wrong_use_is_told_in_one_line(
    told: Stand, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith("backup: ")
    assert error.count("\n") == 1
    assert not told.gate.asked


def test_a_wrong_setting_is_told_in_one_line(
    told: Stand, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKUP_AT", "25:00")
    assert main(["schedule"]) == 2
    assert capsys.readouterr().err == "backup: BACKUP_AT: allowed is HH:MM, UTC, such as 03:30\n"
    monkeypatch.delenv("ENGINE_URL")
    assert main(["run"]) == 2
    assert capsys.readouterr().err == "backup: ENGINE_URL: allowed is http://host:port\n"
    assert not told.gate.asked


def test_without_its_file_nothing_begins(told: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    jobs_file.FILE.unlink()
    assert main(["run"]) == main(["schedule"]) == 2
    assert "no such file; mount the folder that holds it" in capsys.readouterr().err


def test_where_there_is_nothing_to_schedule_the_receiver_is_looked_at(
    told: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs_file.FILE.unlink()
    monkeypatch.setenv("POSTGRES_ADDRESS", "postgres:5432")
    seen: list[int] = []
    monkeypatch.setattr("backup.receiver.receives", lambda port: seen.append(port) or True)  # type: ignore[func-returns-value]
    assert main(["healthy"]) == 0
    assert seen == [5432]
    monkeypatch.setattr("backup.receiver.receives", lambda _: False)
    assert main(["healthy"]) == 1


@pytest.fixture
def process(told: Stand) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A process of its own, with the real clock, which finds the stand."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", PROGRAM, str(told.work.root), *arguments]
        place = Path(__file__).parent.parent
        started.append(subprocess.Popen(command, cwd=place, env=os.environ, stdout=-1, stderr=-1, text=True))
        return started[-1]

    yield begin
    for one in started:
        one.kill()
        one.communicate()


def wait_for(holds: Callable[[], object]) -> None:
    """Ten seconds at most."""
    for _ in range(500):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError("still not so after ten seconds")


def test_sigterm_ends_an_idle_scheduler_at_once(told: Stand, process: Callable[..., subprocess.Popen[str]]) -> None:
    del told.gate.containers["backup-base"]
    scheduler = process("schedule")
    wait_for(told.work.timetable.exists)
    began = time.monotonic()
    scheduler.send_signal(signal.SIGTERM)
    assert scheduler.wait(5) == 0
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(("command", "number", "code"), [("schedule", signal.SIGTERM, 0), ("run", signal.SIGINT, 1)])
def test_a_signal_during_the_dump_leaves_neo4j_started(
    told: Stand, process: Callable[..., subprocess.Popen[str]], command: str, number: int, code: int
) -> None:
    dump = told.gate.containers["neo4j-dump"]
    dump.looks = 10_000
    put(told.work.timetable, {"daily": {"occurrence": "2026-01-01T03:30:00+00:00", "tries": 1, "done": True}})
    one = process(command)
    wait_for(lambda: dump.running)
    one.send_signal(number)
    _, error = one.communicate(timeout=5)
    assert one.returncode == code
    assert error == ("backup: told to end before all was done; nothing is left stopped\n" if code else "")
    asked = told.gate.asked
    assert asked[asked.index("stop neo4j t=120") :][:4] == [
        "stop neo4j t=120",
        "start neo4j-dump",
        "stop neo4j-dump t=10",
        "start neo4j",
    ]
    assert told.gate.containers["neo4j"].running
    assert "backup-neo4j" not in told.gate.started()


def test_neo4j_that_a_killed_scheduler_left_stopped_is_started_by_the_next(
    told: Stand, process: Callable[..., subprocess.Popen[str]]
) -> None:
    dump = told.gate.containers["neo4j-dump"]
    dump.looks = 10_000
    killed = process("run", "--stores", "neo4j")
    wait_for(lambda: dump.running)
    killed.kill()
    killed.wait()
    assert not told.gate.containers["neo4j"].running
    process("schedule")
    wait_for(lambda: told.gate.containers["neo4j"].running)
    wait_for(lambda: not told.work.pause.exists())
    wait_for(lambda: read(told.work.ledger).get("jobs", {}).get("neo4j-start", {}).get("ok"))


def test_whoever_holds_it_keeps_a_run_away_until_they_leave(told: Stand, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", PROGRAM, str(told.work.root), "hold", "a restore"]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdin
        assert holder.stdout.readline() == "held\n"
        assert main(["run"]) == 1
        assert "another run is under way: a restore" in capsys.readouterr().err
        holder.stdin.close()
        assert holder.wait(10) == 0
    assert main(["run"]) == 0
