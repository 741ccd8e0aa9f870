"""The lines that containers write, in the order of the engine's time."""

import heapq
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, Queue
from threading import Thread

from docker.errors import DockerException, NotFound

from infra.engine import Engine
from operations.running_stack import Replica

LATE_SECONDS = 0.3
"""How long a followed line is held back for an older one of another container."""
LOOK_SECONDS = 2
"""How often new containers are looked for: a deploy replaces those that are followed."""


@dataclass(frozen=True, order=True)
class Line:
    """A line with the engine's time of it (RFC 3339 in UTC with nine digits, which sorts)."""

    at: str
    service: str
    container: str
    text: str


def merged(engine: Engine, containers: Iterable[Replica], since: datetime, most: int | None) -> list[Line]:
    """What the containers have written from `since` on, of each the newest `most`; the oldest line first."""
    return list(heapq.merge(*(list(_written(engine, one, since, most)) for one in containers)))


def followed(engine: Engine, containers: Callable[[], list[Replica]], after: str) -> Iterator[Line]:
    """What is written after the time `after` by the containers of the moment, without end."""
    arrived: Queue[Line] = Queue()
    readers: dict[str, Thread] = {}
    newest: dict[str, str] = {}
    next_look = 0.0
    while True:
        if time.monotonic() >= next_look:
            for one in containers():
                if one.id not in readers or (one.state == "running" and not readers[one.id].is_alive()):
                    begin = moment(newest.get(one.name, after))
                    readers[one.id] = Thread(target=_read_on, args=(engine, one, begin, arrived), daemon=True)
                    readers[one.id].start()
            next_look = time.monotonic() + LOOK_SECONDS
        time.sleep(LATE_SECONDS)
        for line in sorted(_taken(arrived)):
            if line.at > newest.get(line.container, after):
                newest[line.container] = line.at
                yield line


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
    with suppress(NotFound):
        written = engine.client.api.logs(one.id, timestamps=True, since=since.timestamp(), tail=most or "all")
        yield from lines(one.service, one.name, [written])


def _read_on(engine: Engine, one: Replica, since: datetime, arrived: Queue[Line]) -> None:
    """Until the container stops, or the engine does."""
    with suppress(DockerException, OSError):
        chunks = engine.client.api.logs(
            one.id, timestamps=True, stream=True, follow=True, since=since.astimezone(UTC).timestamp()
        )
        for line in lines(one.service, one.name, chunks):
            arrived.put(line)


def _taken(queue: Queue[Line]) -> Iterator[Line]:
    with suppress(Empty):
        while True:
            yield queue.get_nowait()
