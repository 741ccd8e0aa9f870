"""`research restore`: bring a stack's data back, into the stack that runs."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console

from infra.services.edge import Edge
from operations.audit import noted, record
from operations.backup import backed_up
from operations.command_line import DEFAULT_STACK, AsJson, StackName, aside, console, print_json
from operations.confirmation import Confirm, confirm_by_name
from operations.deploy_lock import DeployLock
from operations.exit_codes import ExitCode, OperationError
from operations.keeper import Keeper
from operations.maintenance import Switch, switch_page
from operations.restore_plan import NEWEST, STORES, Source, sources
from operations.running_stack import Replica, RunningStack
from operations.status import health

HEALTHY_WITHIN_SECONDS = 300
CLIENT = "api"
"""What uses the stores, and is stopped while they are restored."""

At = Annotated[str, typer.Option("--at", metavar="BACKUP|TIME", help="A backup's name, or a time in UTC.")]
Service = Annotated[list[str] | None, typer.Option("--service", metavar="STORE", help="This store alone; repeatable.")]
NoSafety = Annotated[bool, typer.Option("--no-safety-backup", help="Lose what there is now for good.")]


def restore(
    at: At = NEWEST,
    service: Service = None,
    stack: StackName = DEFAULT_STACK,
    confirm: Confirm = "",
    no_safety_backup: NoSafety = False,
    json: AsJson = False,
) -> None:
    """Replace the data of a running stack by that of a backup; a backup of what there is now is made first.

    PostgreSQL goes back to the second of a TIME that its WAL reaches; the other stores to their last backup before it.
    The API is stopped meanwhile, people see the maintenance page. A store whose copy is not what its manifest says
    stays as it is. PostgreSQL's database from before stays beside, under another name.
    """
    running = RunningStack.find(stack)
    out = aside() if json else console()
    keeper = Keeper(running)
    services = _wanted(service or STORES)
    if at != NEWEST and "postgres" in services:
        keeper.perform("backup-wal", {})  # what PostgreSQL wrote until now: AT may be a minute ago
    chosen = sources(keeper.listed(), at, services)
    for one in chosen:
        out.print(f"{one.store:<9} {one.told}")
    confirm_by_name(stack, confirm, f"This replaces {', '.join(one.store for one in chosen)} of {stack}.")
    with ExitStack() as until_done:
        until_done.enter_context(noted(running.file, "restore", "failed"))
        lock = DeployLock(running.engine, running.file.project, stack)
        until_done.enter_context(lock.held(f"restore to {at}", wait_seconds=0, out=out))
        safety = "" if no_safety_backup else backed_up(running, ",".join(one.store for one in chosen), json)["backup"]
        with keeper.alone(f"restore to {at}"):
            done = _restored(running, keeper, chosen, out)
    record(running.file, "restore", ", ".join(f"{one.store}: {one.told}" for one in chosen))
    fits, lines = consistency(running)
    for line in lines:
        out.print(line, highlight=False, markup=False, soft_wrap=True)
    report = {"stack": stack, "safety_backup": safety, "restored": done, "consistent": fits, "differences": lines}
    print_json(report) if json else out.print(
        f"[green]{stack} is restored[/]{_way_back(safety, stack)}", soft_wrap=True
    )


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


def _restored(stack: RunningStack, keeper: Keeper, chosen: Sequence[Source], out: Console) -> dict[str, Any]:
    """Each store's seconds, and what there is to say of it."""
    done: dict[str, Any] = {}
    with _page(stack), stopped(stack, CLIENT, out):
        for one in chosen:
            began = time.monotonic()
            out.print(f"{one.store}: {one.told} ...")
            try:
                result = RESTORERS[one.store](stack, keeper, one, out)
            except OperationError as error:
                before = f" Restored before it: {', '.join(done)}." if done else ""
                raise OperationError(
                    error.code, f"{str(error).rstrip('.')}. {one.store} is as it was.{before}"
                ) from None
            done[one.store] = {"seconds": round(time.monotonic() - began, 1), "source": one.told, **result}
            out.print(f"{one.store}: restored, {done[one.store]['seconds']} s")
    return done


def _postgres(_stack: RunningStack, keeper: Keeper, source: Source, _out: Console) -> dict[str, Any]:
    if source.until:
        keeper.perform("restore-fetch", {"store": "base", "until": source.until})
        keeper.perform("recover-postgres", {})
        result = keeper.perform("restore-postgres", {"store": "recovered"})
    else:
        result = keeper.perform("restore-postgres", {"backup": source.backup})
    return {"kept_beside": result.get("report", {}).get("before", "")}


def _files(_stack: RunningStack, keeper: Keeper, source: Source, _out: Console) -> dict[str, Any]:
    keeper.perform("restore-files", {"backup": source.backup})
    return {}


def _redis(stack: RunningStack, keeper: Keeper, source: Source, out: Console) -> dict[str, Any]:
    keeper.perform("restore-fetch", {"store": "redis", "backup": source.backup})
    with stopped(stack, "redis", out):
        keeper.perform("restore-redis", {})
    return {}


def _neo4j(stack: RunningStack, keeper: Keeper, source: Source, out: Console) -> dict[str, Any]:
    keeper.perform("restore-fetch", {"store": "neo4j", "backup": source.backup})
    with stopped(stack, "neo4j", out):
        keeper.perform("restore-neo4j", {})
    return {}


RESTORERS = {"postgres": _postgres, "files": _files, "redis": _redis, "neo4j": _neo4j}


@contextmanager
def stopped(stack: RunningStack, service: str, out: Console) -> Iterator[None]:
    """A service stopped while the block runs, and started again whatever happens in it, until it is healthy."""
    replicas = [one for one in stack.replicas() if one.service == service and one.state == "running"]
    for one in replicas:
        stack.engine.client.api.stop(one.id, timeout=_grace(one))
    try:
        yield
    finally:
        for one in replicas:
            stack.engine.client.api.start(one.id)
        _healthy_again(stack, service, out)


def _grace(replica: Replica) -> int:
    return int(replica.facts["Config"].get("StopTimeout") or 30)


def _healthy_again(stack: RunningStack, service: str, out: Console) -> None:
    deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
    while sick := [one for one in stack.replicas() if one.service == service and health(one) != "healthy"]:
        if time.monotonic() > deadline:
            out.print(f"[red]{service} is {health(sick[0])}[/] after its start: `research logs {service}`")
            return
        time.sleep(1)


@contextmanager
def _page(stack: RunningStack) -> Iterator[None]:
    """The maintenance page while the block runs, on a stack that has an edge."""
    if Edge.name not in {one.service for one in stack.replicas()}:
        yield
        return
    switch_page(stack, Switch.ON, "Data is being restored")
    try:
        yield
    finally:
        switch_page(stack, Switch.OFF)


def _way_back(safety: str, stack: str) -> str:
    return f"; what there was before is backup {safety}: `research restore --at {safety} -s {stack}`" if safety else ""
