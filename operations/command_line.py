"""What the commands of `research` share: options, and how they print for people and for programs."""

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console

from operations.exit_codes import EXPLAINED

WIDE = 200
"""Columns where no terminal says how many: a line of a table is to stay a line in a file."""

StackName = Annotated[str, typer.Option("--stack", "-s", metavar="STACK", help="The stack to look at.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DEFAULT_STACK = "dev"
EPILOG = EXPLAINED


def console() -> Console:
    """Where people read: in colour on a terminal only, and never with NO_COLOR."""
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)


def aside() -> Console:
    """Where people read while standard output is for a program."""
    return Console(stderr=True, width=None if sys.stderr.isatty() else WIDE, highlight=False)


def print_json(value: Any) -> None:
    """One value as JSON, in the order in which it was put together."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")
