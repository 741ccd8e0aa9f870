"""`research backup`: what is kept of a stack, and whether it can be restored."""

import json as json_module
from typing import Annotated, Any

import typer
from rich.table import Table

from operations.audit import record
from operations.command_line import DEFAULT_STACK, AsJson, StackName, aside, console, print_json
from operations.confirmation import Confirm, confirm_by_name
from operations.keeper import Keeper
from operations.pulumi_cli import Pulumi
from operations.running_stack import RunningStack

backup = typer.Typer(no_args_is_help=True, help="Back up a stack, and see whether that can be restored.")

Stores = Annotated[str, typer.Option(metavar="STORE,...", help="These alone: postgres, redis, files, neo4j, state.")]
Whole = Annotated[bool, typer.Option("--whole", help="Read every byte, not the structure alone.")]


@backup.command()
def run(stores: Stores = "", stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """Back up now, as the scheduler does every day; Neo4j is away for about a minute meanwhile."""
    running = RunningStack.find(stack)
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
    table = Table("backup", "taken", "store", "MB", box=None, pad_edge=False, header_style="bold")
    for one in found:
        table.add_row(one["backup"], one["taken"], one["store"], f"{one['bytes'] / 1e6:.1f}")
    console().print(table)


@backup.command()
def verify(whole: Whole = False, stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """See whether the repository is whole; a byte that has changed is found with --whole."""
    told = Keeper(RunningStack.find(stack)).ask("verify", *(["--whole"] if whole else [])).strip()
    print_json({"stack": stack, "verified": told}) if json else console().print(told)


@backup.command()
def drill(stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """Restore the newest backup into containers without a network, and compare it value by value with its manifests."""
    out = aside() if json else console()
    report = json_module.loads(Keeper(RunningStack.find(stack)).ask("drill", "--json", out=out))
    print_json(report) if json else out.print(f"[green]the newest backup of {stack} can be restored[/]")


@backup.command()
def key(stack: StackName = DEFAULT_STACK, confirm: Confirm = "") -> None:
    """Print the key of the repository, without which nothing can be restored: keep it where the host is not."""
    running = RunningStack.find(stack)
    keeper = Keeper(running)
    confirm_by_name(stack, confirm, "This shows the key on the screen.")
    record(running.file, "backup key", "shown")
    console().print(keeper.key(), highlight=False, markup=False)


def backed_up(stack: RunningStack, stores: str = "", json: bool = False) -> dict[str, Any]:
    """Back up a stack and its state; what the scheduler tells of it. Raises OperationError when any of it failed."""
    keeper = Keeper(stack)
    leave_state(stack, keeper)
    chosen = ["--stores", stores] if stores else []
    out = aside() if json else console()
    done: dict[str, Any] = json_module.loads(keeper.ask("run", "--json", *chosen, out=out))
    record(stack.file, "backup", done["backup"])
    return done


def leave_state(stack: RunningStack, keeper: Keeper) -> None:
    """Leave Pulumi's state, in which secrets are encrypted, where the next backup takes it from."""
    keeper.put("state.json", Pulumi(stack.name, stack.file.checkout).answer("stack", "export"))


def _away(done: dict[str, Any]) -> str:
    seconds = done.get("neo4j_stopped_seconds")
    return f"; Neo4j was away for {seconds:.0f} s" if seconds else ""
