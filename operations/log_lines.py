"""The lines that containers write, in the order of the engine's time."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, dropwhile
from queue import Empty, Queue
from threading import Thread

from docker.errors import DockerException
from urllib3.exceptions import HTTPError

from infra.engine import Engine
from operations.gone import unless_gone
from operations.running_stack import Replica

LATE_SECONDS = 0.3
"""How long a followed line is held back for an older one of another container."""
LOOK_SECONDS = 2
"""How often new containers are looked for: a deploy replaces those that are followed."""


@dataclass(frozen=True)
class Line:
    """A line with the engine's time of it (RFC 3339 in UTC with nine digits, which sorts)."""

    at: str
    service: str
    container: str
    text: str


def merged(engine: Engine, containers: Iterable[Replica], since: datetime, most: int | None) -> list[Line]:
    """What the containers have written from `since` on, of each the newest `most`; the oldest line first."""
    found = chain.from_iterable(_written(engine, one, since, most) for one in containers)
    return sorted(found, key=lambda line: line.at)


def followed(
    engine: Engine, containers: Callable[[], list[Replica]], seen_until: Callable[[str], str]
) -> Iterator[Line]:
    """What the containers of the moment write, without end: of each, by its name, what is newer than `seen_until`."""
    arrived: Queue[Line] = Queue()
    readers: dict[str, Reader] = {}
    next_look = 0.0
    while True:
        if time.monotonic() >= next_look:
            for one in containers():
                last = readers.get(one.id)
                if last is None or last.is_behind(one):
                    readers[one.id] = Reader(engine, one, last.newest if last else seen_until(one.name), arrived)
                    readers[one.id].start()
            next_look = time.monotonic() + LOOK_SECONDS
        time.sleep(LATE_SECONDS)
        yield from sorted(_taken(arrived), key=lambda line: line.at)


class Reader(Thread):
    """Reads what one run of a container writes after the time `newest`, which moves on."""

    def __init__(self, engine: Engine, one: Replica, newest: str, arrived: Queue[Line]) -> None:
        super().__init__(daemon=True)
        self.newest = newest
        self._engine, self._one, self._run_began, self._arrived = engine, one, one.started, arrived

    def is_behind(self, now: Replica) -> bool:
        """Whether it has ended, and the container runs, or ran again since."""
        return not self.is_alive() and (now.state == "running" or now.started != self._run_began)

    def run(self) -> None:
        """Until the container stops, or the engine does."""
        since, seen = moment(self.newest).timestamp(), self.newest
        with suppress(DockerException, OSError, HTTPError):
            chunks = self._engine.client.api.logs(self._one.id, timestamps=True, stream=True, follow=True, since=since)
            # The engine takes microseconds, and so repeats what is as old as that.
            for line in dropwhile(lambda line: line.at <= seen, lines(self._one.service, self._one.name, chunks)):
                self.newest = max(self.newest, line.at)
                self._arrived.put(line)


def moment(at: str) -> datetime:
    """The engine's time of a line."""
    return datetime.fromisoformat(at)


def lines(service: str, container: str, chunks: Iterable[bytes]) -> Iterator[Line]:
    """Lines out of what the engine sends, which may end within one."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (_line(service, container, raw) for raw in whole)
    if rest:
        yield _line(service, container, rest)


def _line(service: str, container: str, raw: bytes) -> Line:
    at, _, text = raw.decode(errors="replace").partition(" ")
    return Line(at, service, container, text.rstrip("\r"))


def _written(engine: Engine, one: Replica, since: datetime, most: int | None) -> Iterator[Line]:
    """Nothing when the container has gone."""
    with unless_gone():
        written = engine.client.api.logs(one.id, timestamps=True, since=since.timestamp(), tail=most or "all")
        yield from lines(one.service, one.name, [written])


def _taken(queue: Queue[Line]) -> Iterator[Line]:
    with suppress(Empty):
        while True:
            yield queue.get_nowait()
