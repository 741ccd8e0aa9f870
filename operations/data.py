"""`research data remove`: the one command that removes data."""

from typing import Annotated

import typer

from operations.audit import record
from operations.command_line import DEFAULT_STACK, StackName, console
from operations.deploy import typed
from operations.exit_codes import ExitCode, OperationError
from operations.running_stack import connected
from operations.stack_file import StackFile

data = typer.Typer(no_args_is_help=True, help="The data volumes of a stack.")


@data.callback()
def volumes() -> None:
    """The data volumes of a stack."""


@data.command()
def remove(stack: StackName = DEFAULT_STACK, confirm: Annotated[str, typer.Option(metavar="STACK")] = "") -> None:
    """Remove the data volumes of a stack that is down: everything that people made. Asks for the stack's name."""
    file, engine = StackFile(stack), connected()
    labels = {"pulumi.project": file.project, "pulumi.stack": stack}
    if engine.containers(labels):
        raise OperationError(
            ExitCode.BROKEN, f"stack {stack} is up: `pulumi destroy --stack {stack}` first; nothing was removed"
        )
    wanted = {"label": [f"{key}={value}" for key, value in labels.items()]}
    found = engine.client.volumes.list(filters=wanted)
    names = sorted(volume.name for volume in found if volume.name.startswith(f"{file.project}-{stack}-"))
    if not names:
        console().print(f"stack {stack} has no data on this engine")
        return
    typed(stack, confirm, f"This removes for ever: {', '.join(names)}.")
    for name in names:
        engine.client.volumes.get(name).remove()
    record(file, "data remove", ", ".join(names))
    console().print(f"removed {', '.join(names)}")
