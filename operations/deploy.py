"""`research deploy`: plan, confirm, update, and see for oneself that it works."""

import sys
import time
import urllib.request
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from operations.audit import record
from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.deploy_lock import DeployLock
from operations.exit_codes import ExitCode, OperationError
from operations.good_images import GoodImages
from operations.plan import Change, planned, show
from operations.pulumi_cli import Pulumi
from operations.running_stack import RunningStack
from operations.status import health

ANSWERS_WITHIN_SECONDS = 30
Reason = Annotated[str, typer.Option("--reason", "-m", metavar="TEXT", help="Why; kept in the audit.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Wait = Annotated[float, typer.Option(metavar="SECONDS", help="How long to wait for another deploy to end.")]


def deploy(
    stack: StackName = DEFAULT_STACK, reason: Reason = "", yes: Yes = False, wait: Wait = 0, json: AsJson = False
) -> None:
    """Bring a stack to what this checkout says: lock, plan, confirm, `pulumi up`, then a look by the public address.

    With an edge a version that does not get healthy changes nothing: the one before serves on. Exit code 0 when the
    stack was seen to work, 1 when not, or when it was cancelled.
    """
    summary = deployed(RunningStack.find(stack), reason, yes, wait)
    if json:
        print_json(summary)


def unlock(stack: StackName = DEFAULT_STACK, confirm: Annotated[str, typer.Option(metavar="STACK")] = "") -> None:
    """Take away the lock of a deploy that died on another machine; asks for the stack's name, or takes --confirm."""
    running = RunningStack.find(stack)
    lock = DeployLock(running.engine, running.file.project, stack)
    holder = lock.holder()
    if not holder:
        console().print(f"stack {stack} is not locked")
        return
    typed(stack, confirm, f"The lock is {holder['user']}'s on {holder['host']}, since {holder['since']}.")
    lock.release()
    record(running.file, "unlock", f"held by {holder['user']} on {holder['host']} since {holder['since']}")
    console().print(f"stack {stack} is unlocked")


def deployed(stack: RunningStack, reason: str, yes: bool, wait_seconds: float) -> dict[str, Any]:
    """Carry a deploy out; what was done, with seconds. Raises OperationError when anything speaks against it."""
    stack.file.must_exist()
    pulumi = Pulumi(stack.name, stack.file.checkout)
    with DeployLock(stack.engine, stack.file.project, stack.name).held(reason, wait_seconds):
        begun = time.monotonic()
        changes = planned(stack.file)
        show(stack.name, changes)
        confirm(stack.name, changes, yes)
        planned_at = time.monotonic()
        message = ["--message", reason] if reason else []
        pulumi.show("up", "--yes", "--skip-preview", "--suppress-outputs", *message)
        up_at = time.monotonic()
        url = pulumi.answer("stack", "output", "url").strip()
        verify(stack, url)
        kept = GoodImages(stack).keep()
    seconds = {"plan": planned_at - begun, "up": up_at - planned_at, "verify": time.monotonic() - up_at}
    console().print(
        f"[green]stack {stack.name} works[/] at {url}: "
        + ", ".join(f"{what} {spent:.1f} s" for what, spent in seconds.items())
    )
    rounded = {what: round(spent, 1) for what, spent in seconds.items()}
    return {"stack": stack.name, "url": url, "changes": len(changes), "seconds": rounded, "kept": kept}


def confirm(stack: str, changes: Sequence[Change], yes: bool) -> None:
    """Ask whether to go on. Raises OperationError without a yes."""
    if yes or not changes:
        return
    if not sys.stdin.isatty():
        raise OperationError(ExitCode.WRONG_USE, "nobody is there to confirm it: add --yes")
    if not typer.confirm(f"Deploy this to stack {stack}?"):
        raise OperationError(ExitCode.BROKEN, "cancelled; nothing was changed")


def typed(stack: str, given: str, told: str) -> None:
    """Ask for the stack's name, unless it was given. Raises OperationError when it is another."""
    if not given and not sys.stdin.isatty():
        raise OperationError(ExitCode.WRONG_USE, f"{told} Nobody is there to confirm it: add `--confirm {stack}`")
    answer = given or typer.prompt(f"{told} Type the stack's name to go on")
    if answer != stack:
        raise OperationError(ExitCode.WRONG_USE, f"{answer!r} is not {stack!r}; nothing was changed")


def verify(stack: RunningStack, url: str) -> None:
    """See that everything is healthy and the public address answers. Raises OperationError when it does not."""
    sick = [f"{one.name} is {health(one)}" for one in stack.replicas() if health(one) not in ("healthy", "no check")]
    if sick:
        raise OperationError(ExitCode.BROKEN, f"after the update {', '.join(sick)}: `research logs -s {stack.name}`")
    deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
    while (problem := _asked(f"{url}/health")) and time.monotonic() < deadline:
        time.sleep(0.5)
    if problem:
        raise OperationError(
            ExitCode.BROKEN,
            f"{url}/health does not answer as it should: {problem}. Type `research status -s {stack.name}`",
        )


def _asked(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - the stack's own address
            answer.read()
    except OSError as error:
        return str(error)
    return ""
