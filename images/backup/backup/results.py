"""What a job did, for the scheduler and for people: /work/results/<job>.json, written whatever happened."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backup import settings, work
from backup.clock import identifier

UNFINISHED = "it did not come to its end: killed, or still at work"


@dataclass
class Result:
    """One job's result while it is being found; `bytes` of the data, `seconds` it took."""

    job: str
    began: str
    ok: bool = False
    ended: str | None = None
    seconds: float | None = None
    bytes: int | None = None
    snapshot: str | None = None
    backup: str | None = None
    store: str | None = None
    error: str | None = UNFINISHED
    facts_equal: bool | None = None
    differences: list[str] = field(default_factory=list)
    repository_bytes: int | None = None
    backups: dict[str, dict[str, float]] = field(default_factory=dict)
    """By store: the `count` of those that count, and when the `oldest` was taken (Unix time)."""
    report: dict[str, Any] = field(default_factory=dict)


@contextmanager
def recorded(job: str) -> Iterator[Result]:
    """The result of what is done inside, in its file from the start, so that a killed job has one too."""
    result = Result(job, _time())
    began = time.monotonic()
    write(result)
    try:
        yield result
        result.ok, result.error = True, None
    except BaseException as error:
        result.error = str(error) or type(error).__name__
        raise
    finally:
        result.ended, result.seconds = _time(), round(time.monotonic() - began, 3)
        write(result)


def write(result: Result) -> None:
    """Put the result into its place, whole or not at all."""
    content = {name: value for name, value in asdict(result).items() if value not in (None, [], {})}
    put(settings.WORK / "results" / f"{result.job}.json", content)


def put(path: Path, content: Any) -> None:
    """As `work.put`, for jobs: JobError when there is no room for it."""
    try:
        work.put(path, content)
    except OSError as error:
        raise settings.JobError(
            f"{path}: {error.strerror}: make room for it, and let user {os.getuid()} write"
        ) from None


def now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def new_id(moment: datetime | None = None) -> str:
    """The id of a backup: its time in UTC."""
    return identifier(moment or now())


def _time() -> str:
    return now().isoformat(timespec="milliseconds")
