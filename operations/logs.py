"""`research logs`: what the services of a stack wrote, in the order of time."""

import heapq
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import Empty, Queue
from threading import Thread
from typing import Annotated

import typer

from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.exit_codes import ExitCode, OperationError
from operations.running_stack import Replica, RunningStack

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LATE_SECONDS = 0.3
"""How long a followed line is held back for an older one of another container."""


@dataclass(frozen=True, order=True)
class Line:
    """A line with the engine's time of it (RFC 3339, which sorts)."""

    at: str
    service: str
    text: str


def logs(
    services: Annotated[list[str] | None, typer.Argument(metavar="[SERVICE]...", help="All, if none is named.")] = None,
    since: Annotated[str, typer.Option(metavar="AGE", help="For instance 90s, 10m, 2h, 3d.")] = "1h",
    grep: Annotated[
        str, typer.Option(metavar="PATTERN", help="Only lines in which this regular expression is found.")
    ] = "",
    tail: Annotated[int | None, typer.Option(min=1, help="Only that many of the newest.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    stack: StackName = DEFAULT_STACK,
    json: AsJson = False,
) -> None:
    """Show what services and jobs wrote, merged by time."""
    running = RunningStack.find(stack)
    chosen = _chosen(running, services or [])
    begin = datetime.now(UTC) - age(since)
    wanted = _pattern(grep)
    found = [line for line in merged(running, chosen, begin) if wanted.search(line.text)]
    found = found[-tail:] if tail else found
    if json:
        print_json([vars(line) for line in found])
        return
    show = _printer(sorted({one.service for one in chosen}))
    for line in found:
        show(line)
    if follow:
        for line in _followed(running, chosen, found[-1].at if found else f"{begin:%Y-%m-%dT%H:%M:%S}"):
            if wanted.search(line.text):
                show(line)


def age(text: str) -> timedelta:
    """A length of time such as `10m`. Raises OperationError for anything else."""
    found = re.fullmatch(r"(\d+)([smhd])", text)
    if not found:
        raise OperationError(ExitCode.WRONG_USE, f"--since {text}: write a number and one of s, m, h, d: 90s, 10m, 2h")
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])


def merged(stack: RunningStack, containers: Iterable[Replica], since: datetime) -> Iterator[Line]:
    """The lines of all containers from `since` on, the oldest first."""
    texts = [
        (one, stack.engine.client.api.logs(one.id, timestamps=True, since=int(since.timestamp()))) for one in containers
    ]
    return heapq.merge(*(_lines(one.service, text.decode(errors="replace").splitlines()) for one, text in texts))


def _lines(service: str, texts: Iterable[str]) -> Iterator[Line]:
    for text in texts:
        at, _, rest = text.partition(" ")
        yield Line(at, service, rest)


def _followed(stack: RunningStack, containers: Iterable[Replica], after: str) -> Iterator[Line]:
    """New lines as they come, those that come within a moment in the order of time."""
    arrived: Queue[Line] = Queue()
    begin = datetime.fromisoformat(after[:19]).replace(tzinfo=UTC)

    def read(one: Replica) -> None:
        for raw in stack.engine.client.api.logs(
            one.id, timestamps=True, stream=True, follow=True, since=int(begin.timestamp())
        ):
            for line in _lines(one.service, raw.decode(errors="replace").splitlines()):
                arrived.put(line)

    for one in containers:
        Thread(target=read, args=(one,), daemon=True).start()
    while True:
        time.sleep(LATE_SECONDS)
        together: list[Line] = []
        while True:
            try:
                together.append(arrived.get_nowait())
            except Empty:
                break
        yield from (line for line in sorted(together) if line.at > after)


def _chosen(stack: RunningStack, services: list[str]) -> list[Replica]:
    containers = [one for one in stack.containers() if not services or one.service in services]
    known = sorted({one.service for one in stack.containers()})
    for service in services:
        if service not in known:
            raise OperationError(
                ExitCode.WRONG_USE, f"stack {stack.name} has no {service}; there are {', '.join(known)}"
            )
    return containers


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise OperationError(ExitCode.WRONG_USE, f"--grep {text}: not a regular expression: {error}") from None


def _printer(services: list[str]) -> Callable[[Line], None]:
    out = console()
    width = max((len(service) for service in services), default=0)
    colours = {service: COLOURS[number % len(COLOURS)] for number, service in enumerate(services)}

    def show(line: Line) -> None:
        out.print(f"[{colours[line.service]}]{line.service:<{width}}[/] {line.at[:23]}Z ", end="")
        sys.stdout.write(line.text + "\n")
        sys.stdout.flush()

    return show
