"""The command line: `python -m backup <command>`."""

import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import FrameType

from backup import (
    drill,
    folders,
    inventory,
    key,
    neo4j,
    postgres,
    redis,
    repository,
    restore,
    restore_postgres,
    results,
    settings,
    streaming,
    upkeep,
    wal,
)
from backup.results import Result
from backup.settings import JobError, Request, SettingsError, StoppedError

Job = Callable[[Request, Result], None]

JOBS: dict[str, Job] = {
    "postgres": postgres.job,
    "redis": redis.job,
    "files": folders.files_job,
    "neo4j": neo4j.job,
    "state": folders.state_job,
    "base": wal.base_job,
    "wal": wal.wal_job,
    "check": upkeep.check,
    "verify": upkeep.verify,
    "copy": upkeep.copy,
    "key": key.job,
}
RESTORES: dict[str, tuple[str, Job]] = {
    "postgres": ("restore-postgres", restore_postgres.job),
    "files": ("restore-files", restore.files),
    "clear": ("restore-clear", restore.clear),
    "fetch": ("restore-fetch", restore.fetch),
    "fetch-repository": ("restore-fetch-off-site", restore.fetch_repository),
}
"""By the command: the name under which the scheduler looks for the result, and what is done."""
DRILL: dict[str, Job] = {"fetch": drill.fetch, "judge": drill.judge}
SCHEDULED = ("schedule", "run", "check", "drill", "hold", "healthy")
USAGE = f"""allowed is one of
  schedule | run [--stores a,b] [--json] | check [--force] | drill | hold <why> | healthy
  list [--json] | show <backup> <store>
  key put | forget-repository | forget-off-site [--force]
  job {"|".join(JOBS)}
  restore {"|".join(RESTORES)} | drill {"|".join(DRILL)} | receive-wal"""


def main(arguments: Sequence[str]) -> int:
    """Run a command; 0 when all is well, 1 with one line when it failed, 2 with one line when it was asked wrongly."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        return _run(list(arguments))
    except JobError as failure:
        sys.stderr.write(f"backup: {_one_line(failure)}" + "\n")
        return 1
    except SettingsError as error:
        sys.stderr.write(f"backup: {_one_line(error)}" + "\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"backup: {error.filename or 'a file'}: {error.strerror or _one_line(error)}" + "\n")
        return 1


def _run(arguments: list[str]) -> int:
    match arguments:
        case ["job", name] if name in JOBS:
            return _record(name, JOBS[name])
        case ["restore", what] if what in RESTORES:
            return _record(*RESTORES[what])
        case ["drill", end] if end in DRILL:
            return _record(f"drill-{end}", DRILL[end])
        case ["receive-wal"]:
            streaming.receive()
        case [command, *rest] if command in SCHEDULED:
            return _scheduled(command, rest)
        case _:
            sys.stdout.write(_answer(arguments) + "\n")
    return 0


def _answer(arguments: list[str]) -> str:
    """What is printed for a command that is no job."""
    match arguments:
        case ["list", *options] if set(options) <= {"--json"}:
            return inventory.listing(as_json="--json" in options)
        case ["show", backup, store]:
            return inventory.shown(backup, store)
        case ["key", "put"]:
            return key.put(sys.stdin.read())
        case ["forget-repository"]:
            return repository.forget_noted()
        case ["forget-off-site", *options] if set(options) <= {"--force"}:
            return upkeep.forget_off_site(force="--force" in options)
    raise SettingsError(f"{' '.join(arguments) or 'no command'}: {USAGE}")


def _record(name: str, job: Job) -> int:
    with results.recorded(name) as result:
        job(settings.request(), result)
    sys.stdout.write(f"{name}: done in {result.seconds:.1f} s" + "\n")
    return 0


def _scheduled(command: str, rest: list[str]) -> int:
    # Only the scheduler needs what shows metrics and talks to the engine.
    schedule = import_module("backup.schedule")
    return int(schedule.main([command, *rest]))


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise StoppedError("it was told to stop before it had ended")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) if isinstance(error, JobError) else str(error)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
