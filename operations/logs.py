"""`research logs`: what the services of a stack wrote, in the order of time."""

import json as json_module
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from docker.errors import DockerException

from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.exit_codes import ExitCode, OperationError
from operations.log_lines import Line, followed, merged
from operations.running_stack import Replica, RunningStack, names

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
AGE = re.compile(r"([0-9]{1,9})([smhd])")
MOST_DAYS = 9999
"""The engine takes no time before 1970."""

Services = Annotated[list[str] | None, typer.Argument(metavar="[SERVICE]...", help="All, if none is named.")]
Since = Annotated[str, typer.Option(metavar="AGE", help="For instance 90s, 10m, 2h, 3d.")]
Grep = Annotated[str, typer.Option(metavar="PATTERN", help="Only lines in which this regular expression is found.")]
Tail = Annotated[int | None, typer.Option(min=1, help="Only that many of the newest lines that are found.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C, through deploys and restarts.")]


def logs(
    services: Services = None,
    since: Since = "1h",
    grep: Grep = "",
    tail: Tail = None,
    follow: Follow = False,
    stack: StackName = DEFAULT_STACK,
    json: AsJson = False,
) -> None:
    """Show what services and jobs wrote, merged by the engine's time.

    --json prints a list; with --follow an object a line.
    """
    begin, wanted = datetime.now(UTC) - age(since), pattern(grep)
    running = RunningStack.find(stack)
    found = merged(running.engine, _chosen(running, services), begin, None if grep else tail)
    shown = [line for line in found if wanted.search(line.text)][-(tail or 0) :]
    if json and not follow:
        print_json([asdict(line) for line in shown])
        return
    show = _as_json if json else _printer(running.containers())
    for line in shown:
        show(line)
    if follow:
        newest = {line.container: line.at for line in found}
        for line in _followed(running, services, lambda name: newest.get(name, begin.isoformat())):
            if wanted.search(line.text):
                show(line)


def age(text: str) -> timedelta:
    """A length of time such as `10m`. Raises OperationError for anything else."""
    found = AGE.fullmatch(text)
    seconds = int(found[1]) * UNITS[found[2]] if found else None
    if seconds is None or seconds > MOST_DAYS * UNITS["d"]:
        allowed = f"write a number and one of s, m, h, d: 90s, 10m, 2h; {MOST_DAYS}d at most"
        raise OperationError(ExitCode.WRONG_USE, f"--since {text}: {allowed}")
    return timedelta(seconds=seconds)


def pattern(text: str) -> re.Pattern[str]:
    """A regular expression. Raises OperationError when it is none."""
    try:
        return re.compile(text)
    except re.error as error:
        raise OperationError(ExitCode.WRONG_USE, f"--grep {text}: not a regular expression: {error}") from None


def _chosen(stack: RunningStack, services: list[str] | None) -> list[Replica]:
    """The containers of these services and jobs, or all. Raises OperationError for a name that none has."""
    containers = stack.containers()
    unknown = sorted(set(services or ()) - {one.service for one in containers})
    if unknown:
        known = names(containers)
        raise OperationError(ExitCode.WRONG_USE, f"stack {stack.name} has no {unknown[0]}; there are {known}")
    return [one for one in containers if not services or one.service in services]


def _followed(stack: RunningStack, services: list[str] | None, seen_until: Callable[[str], str]) -> Iterator[Line]:
    """New lines. Raises OperationError when the engine goes away; a stack may go and come back."""

    def containers() -> list[Replica]:
        try:
            return [one for one in stack.containers() if not services or one.service in services]
        except OperationError:
            return []

    try:
        yield from followed(stack.engine, containers, seen_until)
    except (DockerException, OSError) as error:
        raise OperationError(ExitCode.NOT_THERE, f"the engine went away: {' '.join(str(error).split())}") from None


def _as_json(line: Line) -> None:
    sys.stdout.write(json_module.dumps(asdict(line)) + "\n")
    sys.stdout.flush()


def _printer(containers: list[Replica]) -> Callable[[Line], None]:
    """Prints lines behind their service's name in its colour; behind the container's where it has several."""
    out, on_terminal = console(), sys.stdout.isatty()
    services = [one.service for one in containers]
    colours = {service: COLOURS[number % len(COLOURS)] for number, service in enumerate(dict.fromkeys(services))}
    several = {service for service in services if services.count(service) > 1}
    width = max(len(one.name if one.service in several else one.service) for one in containers)

    def show(line: Line) -> None:
        name = line.container if line.service in several else line.service
        out.print(f"[{colours.get(line.service, 'white')}]{name:<{width}}[/] {line.at[:23]}Z ", end="")
        sys.stdout.write((printable(line.text) if on_terminal else line.text) + "\n")
        sys.stdout.flush()

    return show


def printable(text: str) -> str:
    """The text without what could move a terminal's cursor or change its settings: others wrote it."""
    return "".join(one if one.isprintable() or one == "\t" else "\N{REPLACEMENT CHARACTER}" for one in text)
