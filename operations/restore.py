"""`research restore`: bring a stack's data back, into the stack that runs."""

import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import Annotated, Any

import typer
from rich.console import Console

from operations.audit import noted, record
from operations.backup import saved
from operations.command_line import DEFAULT_STACK, AsJson, StackName, aside, console, print_json
from operations.confirmation import Confirm, confirm_by_name
from operations.deploy_lock import DeployLock
from operations.exit_codes import ExitCode, OperationError
from operations.imports import awaits_restore, settle
from operations.keeper import PATIENCE_SECONDS, Keeper
from operations.migration import migrated
from operations.restore_plan import NEWEST, STORES, Source, sources
from operations.running_stack import RunningStack
from operations.standstill import Standstill

CLIENT = "api"
"""What uses the stores, and is stopped while they are restored."""

At = Annotated[str, typer.Option("--at", metavar="BACKUP|TIME|latest", help="A backup's name, or a time in UTC.")]
Service = Annotated[list[str] | None, typer.Option("--service", metavar="STORE", help="This store alone; repeatable.")]
NoSafety = Annotated[bool, typer.Option("--no-safety-backup", help="Lose what there is now for good.")]
Resume = Annotated[bool, typer.Option("--resume", help="Start what a restore that was killed has left stopped.")]


def restore(
    at: At = NEWEST,
    service: Service = None,
    stack: StackName = DEFAULT_STACK,
    confirm: Confirm = "",
    no_safety_backup: NoSafety = False,
    resume: Resume = False,
    json: AsJson = False,
) -> None:
    """Replace the data of a running stack by that of a backup; a backup of what there is now is made first.

    PostgreSQL goes back to the second of a TIME that its WAL reaches, or with `latest` to its end; the other stores to
    their last backup before it. The API is stopped meanwhile, people see the maintenance page. A store whose copy is
    not what its manifest says stays as it is. PostgreSQL's database from before stays beside, under another name.
    Exit code 1 when anything is not healthy afterwards, or the stores do not fit to each other.
    """
    running = RunningStack.find(stack)
    out = aside() if json else console()
    keeper = Keeper(running)
    lock = DeployLock(running.engine, running.file.project, stack)
    if resume:
        with lock.held("restore --resume", wait_seconds=0, out=out):
            left = Standstill(running, keeper, out).resume()
        record(running.file, "restore --resume", ", ".join(left))
        print_json({"stack": stack, "started": left}) if json else out.print(_resumed(left))
        return
    services = _wanted(service or STORES)
    if at != NEWEST and "postgres" in services and not awaits_restore(keeper):
        # It stores what was received, and then tells that PostgreSQL is away.
        with suppress(OperationError), keeper.alone("a restore", PATIENCE_SECONDS):
            keeper.perform("backup-wal", {})
    chosen = sources(keeper.listed(), at, services)
    for one in chosen:
        out.print(f"{one.store:<9} {one.told}")
    confirm_by_name(stack, confirm, f"This replaces {', '.join(one.store for one in chosen)} of {stack}.")
    with ExitStack() as until_done:
        until_done.enter_context(noted(running.file, "restore", "failed"))
        until_done.enter_context(lock.held(f"restore to {at}", wait_seconds=0, out=out))
        # What a stack has between an import and its restore is empty, and must not become the newest backup.
        save = not (no_safety_backup or awaits_restore(keeper))
        report = _restored(running, keeper, chosen, out, save=save)
    record(running.file, "restore", ", ".join(f"{one.store}: {one.told}" for one in chosen))
    _tell(stack, report, out, json)


def _restored(
    stack: RunningStack, keeper: Keeper, chosen: Sequence[Source], out: Console, *, save: bool
) -> dict[str, Any]:
    """What was saved and restored, with each store's seconds, and whether the stores fit to each other."""
    still = Standstill(stack, keeper, out)
    done: dict[str, Any] = {}
    with still.page():
        with still.of(CLIENT):
            safety = saved(stack, STORES, out) if save else ""
            with keeper.alone("a restore", PATIENCE_SECONDS):
                for one in chosen:
                    out.print(f"{one.store}: {one.told} ...")
                    done[one.store] = _one(keeper, still, one, list(done))
                    out.print(f"{one.store}: restored, {done[one.store]['seconds']} s")
                keeper.perform("restore-clear", {})
                if "postgres" in done and awaits_restore(keeper):
                    settle(keeper)
            if "postgres" in done:
                migrated(stack)
        still.must_be_healthy(CLIENT)
    fits, lines = consistency(stack)
    return {"safety_backup": safety, "restored": done, "consistent": fits, "differences": lines}


def _one(keeper: Keeper, still: Standstill, source: Source, before: Sequence[str]) -> dict[str, Any]:
    began = time.monotonic()
    try:
        result = RESTORERS[source.store](keeper, still, source)
    except OperationError as error:
        others = f" Restored before it: {', '.join(before)}." if before else ""
        why = str(error).rstrip(".")
        raise OperationError(error.code, f"{why}. {source.store} is as it was.{others}") from None
    return {"seconds": round(time.monotonic() - began, 1), "source": source.told, **result}


def _postgres(keeper: Keeper, _still: Standstill, source: Source) -> dict[str, Any]:
    if source.is_moment:
        keeper.perform("restore-fetch", {"store": "base", **({"until": source.until} if source.until else {})})
        keeper.perform("recover-postgres", {})
        result = keeper.perform("restore-postgres", {"store": "recovered"})
    else:
        result = keeper.perform("restore-postgres", {"backup": source.backup})
    return {"kept_beside": result.get("report", {}).get("before", "")}


def _files(keeper: Keeper, _still: Standstill, source: Source) -> dict[str, Any]:
    keeper.perform("restore-files", {"backup": source.backup})
    return {}


def _stopped_store(keeper: Keeper, still: Standstill, source: Source) -> dict[str, Any]:
    """Of a store whose own image replaces its data while it does not run."""
    keeper.perform("restore-fetch", {"store": source.store, "backup": source.backup})
    with still.of(source.store):
        keeper.perform(f"restore-{source.store}", {})
    still.must_be_healthy(source.store)
    return {}


RESTORERS = {"postgres": _postgres, "files": _files, "redis": _stopped_store, "neo4j": _stopped_store}


def consistency(stack: RunningStack) -> tuple[bool, list[str]]:
    """Whether the stores fit to each other, and what there is to say of it."""
    api = stack.engine.client.containers.get(stack.running(CLIENT).id)
    code, printed = api.exec_run(["python", "-m", "market_research.consistency"])
    text = printed if isinstance(printed, bytes) else b"".join(printed)
    return code == 0, text.decode(errors="replace").splitlines()


def _wanted(services: Sequence[str]) -> Sequence[str]:
    unknown = [one for one in services if one not in STORES]
    if unknown:
        raise OperationError(
            ExitCode.WRONG_USE, f"--service {unknown[0]}: allowed are {', '.join(STORES)}; nothing was changed"
        )
    return services


def _tell(stack: str, report: dict[str, Any], out: Console, json: bool) -> None:
    """Print what was done. Raises OperationError when the stores do not fit to each other."""
    for line in report["differences"]:
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    safety = report["safety_backup"]
    way_back = f"; what there was is backup {safety}: `research restore --at {safety} -s {stack}`" if safety else ""
    if json:
        print_json({"stack": stack, **report})
    else:
        out.print(f"[green]{stack} is restored[/]{way_back}", soft_wrap=True)
    if not report["consistent"]:
        raise OperationError(
            ExitCode.BROKEN,
            "the stores do not fit to each other, or could not all be looked at: see above for what mends it",
        )


def _resumed(left: Sequence[str]) -> str:
    return f"started again: {', '.join(left)}" if left else "no restore has left anything stopped"
