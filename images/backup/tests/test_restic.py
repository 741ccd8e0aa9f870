"""What restic says becomes one line with the reason and the way out."""

from pathlib import Path

import pytest
from backup import restic
from backup.restic import Target

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
