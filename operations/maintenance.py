"""`research maintenance`: a page for people while something is being done."""

from enum import StrEnum
from typing import Annotated

import typer

from infra.services.edge import Edge
from operations.audit import record
from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.exit_codes import ExitCode, OperationError
from operations.running_stack import RunningStack


class Switch(StrEnum):
    """What to do with the page."""

    ON = "on"
    OFF = "off"
    STATUS = "status"


def maintenance(
    switch: Annotated[
        Switch, typer.Argument(help="What to do with the page; nothing said: which it is.")
    ] = Switch.STATUS,
    text: Annotated[str, typer.Argument(help="What people are told, with `on`.")] = "",
    stack: StackName = DEFAULT_STACK,
    json: AsJson = False,
) -> None:
    """Switch the maintenance page on or off, or say which it is; /health and /live answer as ever.

    It needs the edge, and is kept when that restarts.
    """
    if text and switch is not Switch.ON:
        raise OperationError(ExitCode.WRONG_USE, f"maintenance {switch}: takes no text, {text!r} goes with `on`")
    running = RunningStack.find(stack)
    if Edge.name not in {one.service for one in running.replicas()}:
        raise OperationError(
            ExitCode.WRONG_USE,
            f"stack {stack} has no edge to show a page: add services.edge to {running.file.path.name} "
            "(README, Deploy without losing a request)",
        )
    output = switch_page(running, switch, text)
    if switch is not Switch.STATUS:
        record(running.file, f"maintenance {switch}", text)
    state = output or switch.value
    print_json({"stack": stack, "maintenance": state}) if json else console().print(
        f"maintenance of {stack} is {state}"
    )


def switch_page(stack: RunningStack, switch: Switch, text: str = "") -> str:
    """Let the edge do it; what it says. Raises OperationError with that when it cannot."""
    command = ["maintenance", switch.value, *([text] if text else [])]
    code, printed = stack.engine.client.containers.get(stack.running(Edge.name).id).exec_run(command)
    output = b"".join([printed] if isinstance(printed, bytes) else printed).decode().strip()
    if code != 0:
        raise OperationError(ExitCode.BROKEN, output)
    return output
