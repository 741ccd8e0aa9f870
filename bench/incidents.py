"""What must not happen to a container under load: being killed for memory, or starting again."""

import math
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import docker
from docker.models.containers import Container

WATCHED = {"oom": "OOM kill", "die": "end of its process", "start": "start"}


@dataclass
class Incidents:
    """How often what happened to which service, as `<service>: <what>`."""

    counts: Counter[str] = field(default_factory=Counter)

    def take(self, events: Iterable[Mapping[str, Any]], services: Mapping[str, str]) -> None:
        """Take in Docker's events; `services` are names by the ID of their containers."""
        for event in events:
            service, what = services.get(event["Actor"]["ID"]), WATCHED.get(event["Action"])
            if service and what:
                self.counts[f"{service}: {what}"] += 1


@contextmanager
def incidents(engine: docker.DockerClient, containers: Mapping[str, Container]) -> Iterator[Incidents]:
    """What happened to the containers while the block lasted, known at its end."""
    found = Incidents()
    begun = math.ceil(time.time())
    try:
        yield found
    finally:
        services = {str(container.id): name for name, container in containers.items()}
        filters = {"type": "container", "event": list(WATCHED)}
        found.take(engine.events(since=begun, until=math.ceil(time.time()), decode=True, filters=filters), services)
