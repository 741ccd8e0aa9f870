"""Asking before something is done."""

import sys
from typing import Annotated

import typer

from operations.exit_codes import ExitCode, OperationError

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Confirm = Annotated[str, typer.Option(metavar="STACK", help="The stack's name, instead of typing it when asked.")]


def confirm(question: str, yes: bool) -> None:
    """Ask for a yes. Raises OperationError without one."""
    must_be_somebody(yes)
    if not yes and not typer.confirm(question, err=True):
        raise OperationError(ExitCode.BROKEN, "cancelled; nothing was changed")


def must_be_somebody(yes: bool) -> None:
    """Raise OperationError when a yes is still wanted and nobody is there to say it."""
    if not yes and not sys.stdin.isatty():
        raise OperationError(ExitCode.WRONG_USE, "nobody is there to confirm it: add --yes; nothing was changed")


def confirm_by_name(stack: str, given: str, warning: str) -> None:
    """Ask for the stack's name, unless it was given. Raises OperationError when it is another."""
    if not given and not sys.stdin.isatty():
        raise OperationError(ExitCode.WRONG_USE, f"{warning} Nobody is there to confirm it: add `--confirm {stack}`")
    answer = given or typer.prompt(f"{warning} Type the stack's name to go on", err=True)
    if answer != stack:
        raise OperationError(ExitCode.WRONG_USE, f"{answer!r} is not {stack!r}; nothing was changed")
