"""`research shell`: into a service's container, with whatever its image has for a shell."""

from typing import Annotated

import docker
import typer

from operations.command_line import DEFAULT_STACK, StackName
from operations.exit_codes import ExitCode, OperationError
from operations.running_stack import RunningStack
from operations.sessions import Session

SHELLS = (["bash"], ["sh"], ["busybox", "sh"], ["python", "-q"])
"""What an image may have, the best first; all of them take -c."""


PLAIN = {"PYTHON_BASIC_REPL": "1"}
"""The API's Python has no curses for a better one."""


def shell(
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="For instance postgres.")],
    command: Annotated[str, typer.Option("--command", "-c", metavar="TEXT", help="Run this, and end.")] = "",
    replica: Annotated[int, typer.Option(help="Which one of several.")] = 1,
    stack: StackName = DEFAULT_STACK,
) -> None:
    """Open a shell in a service's container: bash, sh, or Python where the image has no shell (api).

    It sees the files, secrets, network and rights of the service. Reads standard input if that is no terminal. The exit
    code is the shell's.
    """
    running = RunningStack.find(stack)
    container = running.running(service, replica)
    found = present_shell(running, container.id)
    if found[0] == "python" and not command:
        typer.echo(f"{service} has no shell in its image: this is Python", err=True)
    argv = [*found, *(["-c", command] if command else [])]
    Session(container.id, argv, PLAIN).start(interactive=not command)


def present_shell(stack: RunningStack, container_id: str) -> list[str]:
    """The first of SHELLS that starts there. Raises OperationError when none does."""
    api = stack.engine.client.api
    for argv in SHELLS:
        probe = api.exec_create(container_id, [*argv, "-c", "exit()" if argv[0] == "python" else "exit"])["Id"]
        try:
            api.exec_start(probe)
        except docker.errors.APIError:  # newer engines refuse what is not in the image
            continue
        if api.exec_inspect(probe)["ExitCode"] == 0:
            return argv
    known = ", ".join(argv[0] for argv in SHELLS)
    raise OperationError(ExitCode.NOT_THERE, f"its image has none of {known}: there is nothing to open")
