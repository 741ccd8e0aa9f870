"""Events that a server sends on an answer that stays open (text/event-stream)."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """One event; `id` is where to go on after it."""

    name: str
    id: str
    data: Any


def events(lines: Iterable[bytes]) -> Iterator[Event]:
    """The events of a stream until its end; comments only keep it open."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode().rstrip("\r\n").partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
        elif not value and "data" in fields:
            yield Event(fields.get("event", "message"), fields.get("id", ""), json.loads(fields["data"]))
            fields = {}
