"""What restic says becomes one line with the reason and the way out."""

import sys
import time
from pathlib import Path

import pytest
from backup import restic
from backup.restic import Target
from backup.settings import JobError

HERE = Target("/repository")


@pytest.mark.parametrize(
    ("code", "said", "told"),
    [
        (12, "Fatal: wrong password or no key found", "the key in /run/key/backup_key does not open it"),
        (10, "Fatal: repository does not exist", "there is no repository yet"),
        (11, "unable to create lock: repository is already locked by PID 7", "another process works on it"),
        (1, "Save(<data/1>) failed: write: no space left on device", "no space left: free some"),
        (1, "pg_dump: error: gone\nFatal: unable to save snapshot: command terminated with 1", "pg_dump: error: gone"),
        (1, 'Get "http://far:8000/": dial tcp: connect: connection refused', "it does not answer: check OFF_SITE"),
        (1, "remove: unexpected HTTP response (403): 403 Forbidden", "not be taken from (append-only)"),
        (
            1,
            "Pack ID does not match, want aa, got bb\nFatal: repository contains errors",
            "it is damaged; fill a new one",
        ),
        (
            1,
            "Fatal: Resolving password failed: Fatal: /run/key/backup_key does not exist",
            "the key is gone: bring it back with `research backup key --put <file>`",
        ),
        (1, "unexpected HTTP response (401): 401 Unauthorized", "it refuses the credentials"),
        (7, '{"message_type":"exit_error","code":7,"message":"Fatal: odd"}', "restic left with 7: Fatal: odd"),
    ],
)
def test_a_failure_is_told_with_what_to_do(code: int, said: str, told: str) -> None:
    reason = restic.reason(HERE, code, said)
    assert reason.startswith("repository /repository: ")
    assert told in reason
    assert "\n" not in reason


def test_a_password_in_an_address_is_not_repeated() -> None:
    assert restic.reason(Target("rest:https://me:hunter2@far/"), 10, "").startswith("repository rest:https://far/: ")


def test_credentials_and_key_reach_restic_by_environment_and_file_alone() -> None:
    target = Target("s3:https://far/bucket", Path("/key"), {"AWS_SECRET_ACCESS_KEY": "secret"})
    environment = target.process_environment()
    assert environment["AWS_SECRET_ACCESS_KEY"] == "secret"
    assert environment["RESTIC_PASSWORD_FILE"] == "/key"
    assert environment["TMPDIR"] == "/work"


def test_restic_reports_its_progress_six_times_a_minute_and_not_sixty_times_a_second() -> None:
    assert Target("/repository").process_environment()["RESTIC_PROGRESS_FPS"] == "0.1"


def played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *lines: str) -> None:
    """Let `restic` be a program of these lines of Python."""
    program = tmp_path / "restic"
    program.write_text("\n".join((f"#!{sys.executable}", "import sys, time", *lines)))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(restic, "LOOK_SECONDS", 0.5)
    monkeypatch.setattr(restic, "WORK", tmp_path)


def test_one_that_hangs_on_a_full_disk_is_ended_and_told_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    complaint = "Save(<data/1>) failed: write /repository/data/1: no space left on device"
    played(monkeypatch, tmp_path, f"print({complaint!r}, file=sys.stderr, flush=True)", "time.sleep(60)")
    began = time.monotonic()
    with pytest.raises(JobError, match="no space left: free some"):
        restic.call(HERE, "backup", "--stdin", given=b"1")
    assert time.monotonic() - began < 30


def test_one_that_takes_long_is_waited_for_and_loses_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    locked = "print('Save(<lock/1>) failed: no space left on device', file=sys.stderr, flush=True)"
    played(monkeypatch, tmp_path, locked, "time.sleep(1.2)", "print(len(sys.stdin.read()), flush=True)", "print('end')")
    assert restic.call(HERE, "backup", "--stdin", given=b"1" * 200_000) == "200000\nend\n"
