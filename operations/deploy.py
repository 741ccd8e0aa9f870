"""`research deploy`: plan, confirm, update, and see for oneself that it works."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import typer
from rich.console import Console

from operations.audit import commit_subject, noted, signed
from operations.backup import leave_state
from operations.changes import Change
from operations.command_line import DEFAULT_STACK, AsJson, StackName, aside, console, print_json
from operations.confirmation import Yes, confirm
from operations.deploy_lock import DeployLock
from operations.exit_codes import ExitCode, OperationError
from operations.good_images import GoodImages
from operations.keeper import Keeper
from operations.pins import pinned, pins
from operations.plan import planned, show, summary
from operations.pulumi_cli import Pulumi
from operations.restore_plan import STORES
from operations.running_stack import RunningStack
from operations.shelf import Shelf
from operations.stack_file import StackFile
from operations.verification import verify

Reason = Annotated[str, typer.Option("--reason", "-m", metavar="TEXT", help="Why; kept in the audit.")]
WithoutBackup = Annotated[bool, typer.Option("--without-backup", help="Though a store changes that has no fresh one.")]
Wait = Annotated[float, typer.Option(metavar="SECONDS", help="How long to wait for another deploy to end.")]

SHORT_JOB_SECONDS = 60
"""So long a deploy waits for a job of the scheduler's without being asked to: the WAL is stored every 15 minutes."""


@dataclass(frozen=True)
class Order:
    """What a deploy was asked for: `pins` are images by service to write into the stack's file, None takes one out."""

    reason: str = ""
    yes: bool = False
    wait_seconds: float = 0
    pins: Mapping[str, str | None] = field(default_factory=dict)
    json: bool = False
    without_backup: bool = False

    @property
    def out(self) -> Console:
        """Where people are told: beside the JSON, if that is what was asked for."""
        return aside() if self.json else console()


def deploy(
    stack: StackName = DEFAULT_STACK,
    reason: Reason = "",
    yes: Yes = False,
    wait: Wait = 0,
    without_backup: WithoutBackup = False,
    json: AsJson = False,
) -> None:
    """Bring a stack to what this checkout says: lock, plan, confirm, `pulumi up`, then a look by the public address.

    With an edge a version that does not get healthy changes nothing: the one before serves on. Exit code 0 when the
    stack was seen to work, 1 when not, or when it was cancelled.
    """
    done = deployed(RunningStack.find(stack), Order(reason, yes, wait, json=json, without_backup=without_backup))
    if json:
        print_json(done)


def deployed(stack: RunningStack, order: Order) -> dict[str, Any]:
    """Carry a deploy out; what was done, with seconds. Raises OperationError when anything speaks against it."""
    with alone(stack, order) as reasoned:
        return carried_out(stack, reasoned)


@contextmanager
def alone(stack: RunningStack, order: Order) -> Iterator[Order]:
    """Keep other deploys and the scheduler away from the stack, for the order with its reason, which this gives.

    Raises OperationError when they do not let it go.
    """
    stack.file.must_exist()
    order = replace(order, reason=order.reason or commit_subject(stack.file))
    with ExitStack() as until_done:
        with noted(stack.file, "deploy", "refused"):
            lock = DeployLock(stack.engine, stack.file.project, stack.name)
            until_done.enter_context(lock.held(order.reason, order.wait_seconds, order.out))
            if Keeper.works(stack):
                until_done.enter_context(Keeper(stack).alone("a deploy", max(order.wait_seconds, SHORT_JOB_SECONDS)))
        yield order


def carried_out(stack: RunningStack, order: Order) -> dict[str, Any]:
    """As `deployed`, for who has the stack `alone`."""
    out, pulumi = order.out, Pulumi(stack.name, stack.file.checkout)
    planning = time.monotonic()
    with noted(stack.file, "deploy", "refused"):
        changes = _agreed(stack, order, out)
        if stack.is_up:
            GoodImages(stack).keep_first()
    updating = time.monotonic()
    message = signed(order.reason)
    pulumi.show("up", "--yes", "--skip-preview", "--suppress-outputs", "--message", message)
    verifying = time.monotonic()
    url = pulumi.answer("stack", "output", "url").strip()
    with noted(stack.file, "verification", "failed"):
        version = verify(stack, url)
    if Keeper.works(stack):
        leave_state(stack, Keeper(stack))
    kept = GoodImages(stack).keep(went_back=any(order.pins.values()))
    ended = time.monotonic()
    spent = {"plan": updating - planning, "up": verifying - updating, "verify": ended - verifying}
    seconds = {what: round(of_it, 1) for what, of_it in spent.items()}
    times = ", ".join(f"{what} {of_it} s" for what, of_it in seconds.items())
    out.print(f"[green]stack {stack.name} works[/] at {url} (version {version}): {times}", soft_wrap=True)
    done = {"stack": stack.name, "url": url, "version": version, **summary(changes), "seconds": seconds, "kept": kept}
    return {**done, "pinned": pins(StackFile(stack.name, stack.file.checkout))}


def _agreed(stack: RunningStack, order: Order, out: Console) -> list[Change]:
    """What is going to change, once somebody has said yes; until then the pins can be taken back."""
    with pinned(stack.file, order.pins):
        tell_pins(StackFile(stack.name, stack.file.checkout), out)
        changes = planned(stack.file)
        show(stack.name, changes, out)
        if not order.without_backup:
            refuse_unbacked(stack, changes)
        confirm(f"Deploy this to stack {stack.name}?", order.yes or not changes)
    return changes


def tell_pins(file: StackFile, out: Console) -> None:
    """What a rollback has written into the file, which holds newer source back until somebody takes it out."""
    for service, image in pins(file).items():
        out.print(
            f"[yellow]{service} is pinned[/] to {image[:19]} by a rollback, in {file.path.name}: newer source leaves "
            f"it there. Once that is mended, end it with `research rollback --off -s {file.stack}`",
            soft_wrap=True,
        )


def refuse_unbacked(stack: RunningStack, changes: Sequence[Change]) -> None:
    """Another image of a store may be one that its data does not survive: then there is to be a fresh backup."""
    stores = [change.what for change in changes if change.what in STORES and "image" in change.because]
    if not stores or not Keeper.declared(stack):
        return
    if old := Shelf(stack.engine, stack.file).missing(stores):
        raise OperationError(
            ExitCode.BROKEN,
            f"{' and '.join(stores)} gets another image, and there is no fresh backup of {old}: if its data did not "
            f"survive that, what came since would be lost. `research backup run -s {stack.name}` makes one, "
            "--without-backup does without; nothing was changed",
        )
