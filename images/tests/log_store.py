"""The log store as the platform starts it, lines put into it, and questions to it."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from images.tests.engine import Engine, Running

DATA = "/victoria-logs"
HEALTH_CHECK = ("wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9428/health")
LIMITS: dict[str, Any] = {
    "mem_limit": "192m",
    "memswap_limit": "192m",
    "environment": {"GOMEMLIMIT": "144MiB"},
    "user": "9428:9428",
    "tmpfs": {"/tmp": ""},
}
BULK = "/insert/elasticsearch/_bulk"
FIELDS = {
    "Content-Type": "application/x-ndjson",
    "VL-Time-Field": "@timestamp",
    "VL-Msg-Field": "message",
    "VL-Stream-Fields": "service,container",
}


@dataclass(frozen=True)
class Store:
    """A running store."""

    running: Running

    def get(self, path: str, **arguments: object) -> str:
        """The body of an answer; urllib's HTTPError when it is none of the good ones."""
        return self._answer(f"{path}?{urllib.parse.urlencode(arguments)}")

    def ask(self, query: str) -> list[dict[str, str]]:
        """The entries, or rows, that a LogsQL query finds."""
        return [json.loads(line) for line in self.get("/select/logsql/query", query=query).splitlines()]

    def soon(self, query: str, number: int = 1, within: float = 20) -> list[dict[str, str]]:
        """What a query finds, as soon as it is so many.

        One answer counts, not two: in its first second an entry that a query has found may be hidden from the next.
        """
        deadline = time.monotonic() + within
        while len(found := self.ask(query)) < number:
            assert time.monotonic() < deadline, f"{query}: after {within} s {len(found)} of {number}: {found}"
            time.sleep(0.05)
        return found

    def count(self, query: str = "*") -> int:
        return int(self.ask(f"{query} | stats count() as found")[0]["found"])

    def take(self, entries: Iterable[Mapping[str, object]]) -> None:
        """Put entries in as the collector does; HTTPError when the store refuses."""
        lines = (f'{{"create":{{"_index":"logs"}}}}\n{json.dumps(entry)}\n' for entry in entries)
        self._answer(BULK, "".join(lines).encode())

    def healthy(self) -> bool:
        return self.running.attempt(*HEALTH_CHECK)[0] == 0

    def _answer(self, path: str, body: bytes | None = None) -> str:
        request = urllib.request.Request(f"http://{self._address()}:9428{path}", body, FIELDS)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return str(answer.read().decode())

    def _address(self) -> str:
        self.running.container.reload()
        return next(
            str(each["IPAddress"]) for each in self.running.container.attrs["NetworkSettings"]["Networks"].values()
        )


@contextmanager
def started(
    engine: Engine, image: str, volume: str, command: list[str] | None = None, **options: Any
) -> Iterator[Store]:
    """Run the image hardened on a data volume, until it is healthy."""
    volumes = {volume: {"bind": DATA, "mode": "rw"}}
    with engine.run(image, command, volumes=volumes, **{**LIMITS, **options}) as running:
        store = Store(running)
        running.wait_until(store.healthy, within=30)
        yield store


def refusal(store: Store, entries: Iterable[Mapping[str, object]]) -> int:
    """The status with which the store refuses entries; 0 when it takes them."""
    try:
        store.take(entries)
    except urllib.error.HTTPError as error:
        return error.code
    return 0
