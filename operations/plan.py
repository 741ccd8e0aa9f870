"""`research plan`: what a deploy would do, in words."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape

from operations.changes import Change, Impact, in_words
from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.exit_codes import ExitCode, OperationError
from operations.pulumi_cli import Pulumi
from operations.running_stack import connected
from operations.stack_file import StackFile
from policy.resource import Stack
from policy.steps import refusals
from stacks.passphrase import passphrase_is_known

COLOURS: Mapping[Impact, str] = {"loses data": "red", "stops": "yellow", "no downtime": "green", "beside": "dim"}
COUNTED: Mapping[Impact, str] = {"loses data": "WOULD LOSE DATA", "stops": "STOP", "no downtime": "without downtime"}


def plan(stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """Say what a deploy or `pulumi up` would do: what is replaced without downtime, what STOPS, what would lose data.

    Exit code 0, whether anything changes or not; 1 when the program or the policy refuses.
    """
    changes = planned(StackFile(stack))
    print_json({"stack": stack, **summary(changes)}) if json else show(stack, changes, console())


def planned(file: StackFile) -> list[Change]:
    """What `pulumi preview` finds, in words. Raises OperationError when it fails, or with what the policy refuses."""
    file.must_exist()
    connected()
    steps = Pulumi(file.stack, file.checkout).preview()
    stack = Stack(file.stack, passphrase_is_known(file.checkout, file.stack, os.environ))
    if refused := refusals(steps, stack):
        raise OperationError(ExitCode.BROKEN, "\n".join(["the policy refuses this; nothing was changed", *refused]))
    return in_words(steps)


def summary(changes: Sequence[Change]) -> dict[str, Any]:
    """The changes for programs, and how many there are of each impact."""
    counts = {impact.replace(" ", "_"): sum(change.impact == impact for change in changes) for impact in COLOURS}
    return {"up_to_date": not changes, "counts": counts, "changes": [asdict(change) for change in changes]}


def show(stack: str, changes: Sequence[Change], out: Console) -> None:
    """The changes, and the sum of what people will notice."""
    if not changes:
        out.print(f"stack {stack} is up to date")
        return
    for change in changes:
        because = f" [dim]({escape(', '.join(change.because))})[/]" if change.because else ""
        out.print(f"[{COLOURS[change.impact]}]{change.what}: {change.sentence}[/]{because}", soft_wrap=True)
    counts = {word: sum(change.impact == impact for change in changes) for impact, word in COUNTED.items()}
    told = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "nothing that people notice"
    out.print(f"stack {stack}: {told}")
