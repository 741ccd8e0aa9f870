"""The commands of the scheduler's container: the scheduler itself, and runs and drills by hand beside it."""

import json
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO, TypeVar

from backup import drills, exposition, jobs_file, key, receiver, runs
from backup.clock import Clock, EndedError
from backup.dormant import Dormants
from backup.engine import Engine
from backup.exposition import Heart
from backup.jobs_file import Jobs, JobsFileError
from backup.metrics import Metrics
from backup.scheduler import Scheduler
from backup.timetable import Timetable, time_of_day
from backup.work import BusyError, Work

Setting = TypeVar("Setting")

GOOD, FAILED, WRONG = 0, 1, 2
USAGE = (
    "allowed are schedule | run [--stores <store>,...] [--json] | check [--force] [--json] | drill [--json]"
    " | hold <why> | healthy"
)


class UsageError(Exception):
    """A setting or an argument is missing or wrong; the text is one line."""


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says, and return the exit code."""
    command, *options = arguments or [""]
    as_json, stores = "--json" in options, ()
    rest = [option for option in options if option != "--json"]
    match command, rest:
        case "schedule" | "healthy", [] if not as_json:
            return {"schedule": schedule, "healthy": healthy}[command]()
        case "run", [] | ["--stores", _]:
            return run([name for names in rest[1:] for name in names.split(",")] or stores, as_json)
        case "check", [] | ["--force"]:
            return check(as_json, force=bool(rest))
        case "drill", []:
            return drill(as_json)
        case "hold", [why] if not as_json:
            return hold(why)
    return _say(f"{' '.join(arguments) or 'no command'}: {USAGE}", WRONG)


def schedule() -> int:
    """Run what is due until SIGTERM."""
    _log_to(sys.stdout)
    heart = Heart()
    clock = Clock(heart.beat)
    try:
        dormants = _dormants(clock)
        at = _setting("BACKUP_AT", time_of_day)
    except (UsageError, JobsFileError) as error:
        return _say(str(error), WRONG)
    key.make()
    scheduler = Scheduler(dormants, Timetable(dormants.work, at, clock.now()))
    server = exposition.listen(Metrics(dormants.jobs, dormants.work, clock), heart)
    stores, kinds = ", ".join(dormants.jobs.stores), ", ".join(scheduler.kinds)
    logging.info("daily at %s UTC: %s; by the clock: %s", at.strftime("%H:%M"), stores or "nothing", kinds or "nothing")
    try:
        scheduler.go_on()
    except EndedError:
        scheduler.leave()
    finally:
        server.shutdown()
    return GOOD


def run(stores: Sequence[str], as_json: bool) -> int:
    """Back up these stores now, or all of them when none is named, and print what came of it."""

    def asked(dormants: Dormants) -> Mapping[str, Any]:
        chosen = _chosen(stores, dormants.jobs)
        return runs.run(dormants, lambda one: one.stores(chosen, check=not stores), "by hand")

    return _by_hand(asked, as_json)


def check(as_json: bool, *, force: bool) -> int:
    """Forget what does not stay and check the repository, now; `force` says that the clock is right."""

    def asked(dormants: Dormants) -> Mapping[str, Any]:
        if "backup-check" not in dormants.jobs.containers:
            raise UsageError("check: this stack has no backup-check")
        return runs.run(
            dormants, lambda one: one.perform("backup-check", {"backup": one.id, "force": force}), "by hand"
        )

    return _by_hand(asked, as_json)


def drill(as_json: bool) -> int:
    """Do a drill now, and print what came of it."""
    return _by_hand(drills.drill, as_json)


def hold(why: str) -> int:
    """Keep everybody else from running anything until standard input ends; says `held` when that is so."""
    try:
        with Work().alone(why):
            sys.stdout.write("held\n")
            sys.stdout.flush()
            sys.stdin.read()
    except BusyError as error:
        sys.stdout.write(f"{error}\n")
        return FAILED
    return GOOD


def healthy() -> int:
    """The health check of the scheduler, and, where there are no jobs to schedule, of the WAL receiver."""
    if jobs_file.FILE.exists():
        return GOOD if exposition.ask() else FAILED
    port = os.environ.get("POSTGRES_ADDRESS", "").rpartition(":")[2]
    return GOOD if port.isdecimal() and receiver.receives(int(port)) else FAILED


def _by_hand(asked: Callable[[Dormants], Mapping[str, Any]], as_json: bool) -> int:
    _log_to(sys.stderr if as_json else sys.stdout)
    try:
        clock = Clock()
        dormants = _dormants(clock)
        record = asked(dormants)
    except (UsageError, JobsFileError) as error:
        return _say(str(error), WRONG)
    except BusyError as error:
        return _say(f"{error}; try again when it is done", FAILED)
    except EndedError:
        return _say("told to end before all was done; nothing is left stopped", FAILED)
    except OSError as error:
        return _say(f"cannot work in /work: {error}; make room there", FAILED)
    if as_json:
        sys.stdout.write(f"{json.dumps(record, ensure_ascii=False)}\n")
    if record["ok"]:
        return GOOD
    wrong = [f"{one['job']}: {one.get('error', 'failed')}" for one in record["jobs"] if not one["ok"]]
    return _say("; ".join(wrong) or "there was nothing to do", FAILED)


def _chosen(stores: Sequence[str], jobs: Jobs) -> Sequence[str]:
    """These stores in the order of a run."""
    if unknown := [store for store in stores if store not in jobs.all_stores]:
        raise UsageError(f"--stores: {', '.join(unknown)}: this stack backs up {', '.join(jobs.all_stores)}")
    return [store for store in jobs.all_stores if store in stores] or jobs.stores


def _dormants(clock: Clock) -> Dormants:
    clock.end_on_signals()
    return Dormants(jobs_file.load(jobs_file.FILE), _setting("ENGINE_URL", Engine), Work(), clock)


def _setting(variable: str, of: Callable[[str], Setting]) -> Setting:
    try:
        return of(os.environ.get(variable, ""))
    except ValueError as error:
        raise UsageError(f"{variable}: {error}") from None


def _log_to(stream: TextIO) -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=stream, force=True)


def _say(line: str, code: int) -> int:
    sys.stderr.write(f"backup: {line}\n")
    return code
