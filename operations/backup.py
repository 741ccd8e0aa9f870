"""`research backup`: what is kept of a stack, and whether it can be restored."""

import json as json_module
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from operations.audit import noted, record
from operations.command_line import DEFAULT_STACK, AsJson, StackName, aside, console, print_json
from operations.confirmation import Confirm, Yes, confirm_by_name
from operations.confirmation import confirm as agreed
from operations.exit_codes import ExitCode, OperationError
from operations.imports import refuse_until_restored, take_over
from operations.keeper import PATIENCE_SECONDS, Keeper
from operations.pulumi_cli import Pulumi
from operations.running_stack import RunningStack

BUSY = "another run is under way"

backup = typer.Typer(no_args_is_help=True, help="Back up a stack, and see whether that can be restored.")

Stores = Annotated[str, typer.Option(metavar="STORE,...", help="These alone: postgres, redis, files, neo4j, state.")]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Imported backups will not be restored: begin with what is here.")
]
Whole = Annotated[bool, typer.Option("--whole", help="Read every byte, not the structure alone.")]


@backup.command()
def run(stores: Stores = "", anyway: Anyway = False, stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """Back up now, as the scheduler does every day; Neo4j is away for about a minute meanwhile."""
    running = RunningStack.find(stack)
    refuse_until_restored(Keeper(running), stack, anyway=anyway)
    done = backed_up(running, stores, json)
    print_json(done) if json else console().print(
        f"[green]backup {done['backup']} of {stack} is good[/], after {done['seconds']:.0f} s{_away(done)}"
    )


@backup.command(name="list")
def listing(stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """Show what can be restored: what is not listed does not count."""
    found = Keeper(RunningStack.find(stack)).listed()
    if json:
        print_json(found)
        return
    if not found:
        console().print(f"there is no backup of {stack} yet: `research backup run -s {stack}`")
        return
    table = Table("backup", "taken", "store", "kB", box=None, pad_edge=False, header_style="bold")
    for one in found:
        table.add_row(one["backup"], one["taken"], one["store"], f"{one['bytes'] / 1e3:,.1f}")
    console().print(table)


@backup.command()
def verify(whole: Whole = False, stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """See whether the repository is whole; a byte that has changed is found with --whole."""
    keeper = Keeper(RunningStack.find(stack))
    with keeper.alone("a verification", PATIENCE_SECONDS):
        told = keeper.perform("backup-verify", {"whole": whole})["report"]["verified"]
    print_json({"stack": stack, "verified": told}) if json else console().print(told)


@backup.command()
def check(
    force: Annotated[bool, typer.Option("--force", help="The host's clock is right, however odd it looks.")] = False,
    stack: StackName = DEFAULT_STACK,
    json: AsJson = False,
) -> None:
    """Let go of what is older than the stack keeps, and see whether the rest is whole, as every night."""
    out = aside() if json else console()
    options = ["--json", *(["--force"] if force else [])]
    (job,) = json_module.loads(when_free(Keeper(RunningStack.find(stack)), out, "check", *options))["jobs"]
    gone, kept = job["report"]["forgotten"], job["report"]["kept"]
    print_json({"stack": stack, **job["report"]}) if json else out.print(f"{gone} snapshots are gone, {kept} stay")


@backup.command()
def drill(stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """Restore the newest backup into containers without a network, and compare it value by value with its manifests."""
    out = aside() if json else console()
    report = json_module.loads(when_free(Keeper(RunningStack.find(stack)), out, "drill", "--json"))
    print_json(report) if json else out.print(f"[green]the newest backup of {stack} can be restored[/]")


@backup.command()
def remember(stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """Leave the stack's file and state for the next backup, as `research deploy` and `research backup run` do."""
    running = RunningStack.find(stack)
    kept = Keeper.works(running)
    if kept:
        leave_state(running, Keeper(running))
    print_json({"stack": stack, "left": kept}) if json else None


@backup.command()
def key(
    stack: StackName = DEFAULT_STACK,
    put: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Put this key back, which opens the backups.")
    ] = None,
    confirm: Confirm = "",
) -> None:
    """Print the key of the repository, without which nothing can be restored: keep it where the host is not."""
    running = RunningStack.find(stack)
    keeper = Keeper(running)
    if put:
        console().print(keeper.put_key(put.read_text().strip()), soft_wrap=True)
        record(running.file, "backup key", "put back")
        return
    confirm_by_name(stack, confirm, "This shows the key on the screen.")
    record(running.file, "backup key", "shown")
    console().print(keeper.key(), highlight=False, markup=False)


@backup.command()
def state(
    to: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the files go.")],
    at: Annotated[str, typer.Option(metavar="BACKUP", help="A backup's name; nothing said: the newest.")] = "",
    stack: StackName = DEFAULT_STACK,
) -> None:
    """Take the stack's file and Pulumi's state, in which secrets are encrypted, out of a backup."""
    keeper = Keeper(RunningStack.find(stack))
    there = [one["backup"] for one in keeper.listed() if one["store"] == "state"]
    if not there:
        raise OperationError(ExitCode.BROKEN, f"no backup of {stack} has its state; nothing was written")
    with keeper.alone("a look at the state", PATIENCE_SECONDS):
        keeper.fetch("state", at or there[-1], to)
    console().print(f"{to} has the state of backup {at or there[-1]}")


@backup.command(name="rotate-key")
def rotate_key(stack: StackName = DEFAULT_STACK, yes: Yes = False, json: AsJson = False) -> None:
    """Exchange the key of the repository and of its copy elsewhere; what was backed up stays within reach.

    The old one opens nothing afterwards. Whoever has a copy of the repository from before can still read that with it.
    """
    running = RunningStack.find(stack)
    keeper = Keeper(running)
    agreed("Exchange the key? The one that you keep elsewhere is of no use then.", yes)
    with noted(running.file, "backup key", "failed"), keeper.alone("another key", PATIENCE_SECONDS):
        left = keeper.perform("backup-key", {}).get("report", {}).get("left", [])
    record(running.file, "backup key", "exchanged")
    told = [f"the key of {stack}'s backups is another one now: `research backup key -s {stack}` shows it", *left]
    if json:
        print_json({"stack": stack, "exchanged": True, "left": left})
    else:
        console().print("\n".join(told), soft_wrap=True, markup=False)


backup.command(name="import")(take_over)


def backed_up(stack: RunningStack, stores: str = "", json: bool = False) -> dict[str, Any]:
    """Back up a stack and its state; what the scheduler tells of it. Raises OperationError when any of it failed."""
    keeper = Keeper(stack)
    leave_state(stack, keeper)
    chosen = ["--stores", stores] if stores else []
    out = aside() if json else console()
    done: dict[str, Any] = json_module.loads(when_free(keeper, out, "run", "--json", *chosen))
    record(stack.file, "backup", done["backup"])
    return done


def saved(stack: RunningStack, stores: Sequence[str], out: Console) -> str:
    """Back up these stores before something happens to them; the backup's name.

    A copy elsewhere that fails is told, and is no reason to stop. Raises OperationError when a store is not saved.
    """
    command = ("run", "--json", "--stores", ",".join(stores))
    done = json_module.loads(when_free(Keeper(stack), out, *command, may_fail=True))
    failed = {job["job"]: job.get("error", "failed") for job in done["jobs"] if not job["ok"]}
    if lost := [store for store in stores if store in failed]:
        why = "; ".join(f"{store}: {failed[store]}" for store in lost)
        raise OperationError(
            ExitCode.BROKEN,
            f"what there is now could not be saved: {why}. Nothing was changed; --no-safety-backup restores all the "
            "same, and loses it",
        )
    for job, why in failed.items():
        out.print(f"[yellow]{job} failed[/]: {why}", soft_wrap=True)
    return str(done["backup"])


def when_free(keeper: Keeper, out: Console, *command: str, may_fail: bool = False) -> str:
    """What the scheduler prints for a command, which waits for a run that is under way."""
    deadline, waiting = time.monotonic() + PATIENCE_SECONDS, False
    while True:
        try:
            return keeper.ask(*command, out=out, may_fail=may_fail)
        except OperationError as error:
            if BUSY not in str(error) or time.monotonic() > deadline:
                raise
            if not waiting:
                out.print(f"[yellow]waiting[/], {PATIENCE_SECONDS} s at most: {error}", soft_wrap=True)
            waiting = True
        time.sleep(2)


def leave_state(stack: RunningStack, keeper: Keeper) -> None:
    """Leave the stack's file and state, in which secrets are encrypted, where the next backup takes them from."""
    keeper.put("stack.yaml", stack.file.path.read_text())
    keeper.put("state.json", Pulumi(stack.name, stack.file.checkout).answer("stack", "export"))


def _away(done: dict[str, Any]) -> str:
    seconds = done.get("neo4j_stopped_seconds")
    return f"; Neo4j was away for {seconds:.0f} s" if seconds else ""
