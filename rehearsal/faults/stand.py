"""The stack that faults happen to, with somebody who takes its messages."""

import inspect
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import requests
from docker.models.containers import Container

from images.tests import llm_stand_in
from rehearsal.faults import sink
from rehearsal.own_passphrase import OwnPassphrase
from rehearsal.project import free_port

PACE = 0.02
"""An hour of patience in 72 s; the rules are the same."""
SCRAPE_SECONDS = 2
LONGEST_SECONDS = 500
"""More than six hours at this pace, over which the filling of the disk is looked at."""
TITLE = re.compile(r"(FIRING|RESOLVED) (\w+) ?(\S*)")


@dataclass(frozen=True)
class Message:
    """What somebody was told: by which way, whether it fires, which alert."""

    by: str
    state: str
    alert: str


class Stand:
    """The stack, up and watched by impatient rules; it tells a sink in its own network."""

    def __init__(self, project: OwnPassphrase) -> None:
        self.project = project
        self.port = free_port()
        self._guests: list[Container] = []

    def bring_up(self) -> None:
        """With an edge, monitoring, and a language model that is a stand-in."""
        project = self.project
        project.get_an_edge(rate_limit=0)
        email = {"to": "ops@example.com", "sender": "stack@example.com", "smarthost": "sink:2525", "require_tls": False}
        watching = {"port": self.port, "scrape_seconds": SCRAPE_SECONDS, "pace": PACE, "email": email}
        project.set("monitoring", watching)
        project.set("llm", {"url": "http://llm:8090/v1", "model": "stand-in", "private": True})
        project.keep_secret("slack_webhook_url", "http://sink:8080/slack")
        self.up()
        self.sink = self._guest("sink", sink)
        self.llm = self._guest("llm", llm_stand_in, "8090", "0")

    def up(self) -> None:
        """Deploy what the stack's file says."""
        result = self.project.up()
        assert result.code == 0, result.text

    def container(self, service: str) -> Container:
        """A service's container."""
        return self.project.docker.containers.get(self.project.containers()[service])

    def ask(self, query: str) -> list[Any]:
        """What Prometheus answers."""
        url = f"http://127.0.0.1:{self.port}/prometheus/api/v1/query"
        answer = requests.get(url, {"query": query}, timeout=10)
        found: list[Any] = answer.json()["data"]["result"]
        return found

    def fires(self, alert: str) -> bool:
        """Whether Prometheus calls an alert firing."""
        return bool(self.ask(f'ALERTS{{alertname="{alert}",alertstate="firing"}}'))

    def told(self, since: int = 0) -> list[Message]:
        """What has arrived at the sink, from a place in its log on."""
        lines = self.sink.logs().decode().splitlines()[since:]
        found = [(json.loads(line)["by"], TITLE.search(json.loads(line)["title"])) for line in lines]
        return [Message(by, title[1], title[2]) for by, title in found if title]

    def _guest(self, name: str, module: ModuleType, *arguments: str) -> Container:
        """A container in the API's image on the network that Alertmanager and the API send by."""
        networks = self.project.outputs().services["alertmanager"].networks
        container = self.project.docker.containers.create(
            self.container("api").attrs["Image"],
            ["python", "-c", inspect.getsource(module), *arguments],
            network=networks["egress"],
            mem_limit="64m",
            cap_drop=["ALL"],
            read_only=True,
        )
        network = self.project.docker.networks.get(networks["egress"])
        network.disconnect(container)
        network.connect(container, aliases=[name])
        self._guests.append(container)
        container.start()
        return container

    def leave(self) -> None:
        """Take the guests away."""
        for guest in self._guests:
            guest.remove(force=True)
        self._guests.clear()


def seconds_until(holds: Callable[[], Any], what: str) -> float:
    """How long it takes. Raises AssertionError when it takes too long."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < LONGEST_SECONDS, f"not within {LONGEST_SECONDS} s: {what}"
        time.sleep(0.5)
    return time.monotonic() - begun


@contextmanager
def stand(folder: Path) -> Iterator[Stand]:
    """A stand that leaves nothing behind."""
    with OwnPassphrase(folder, f"faults-{secrets.token_hex(3)}").prepared() as project:
        made = Stand(project)
        try:
            made.bring_up()
            yield made
        finally:
            made.leave()
