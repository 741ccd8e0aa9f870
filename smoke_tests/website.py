"""The stack's public address, asked as a browser would, from the engine's host."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPResponse
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from smoke_tests.tunnel import Tunnel

TIMEOUT_SECONDS = 20  # a stream of events is never silent for longer than 15
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Page:
    """One answer."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Website:
    """An HTTP server (`url`) at the other end of a tunnel."""

    tunnel: Tunnel
    url: str

    def get(self, path: str) -> Page:
        """What a path shows. Raises OSError when nobody answers."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = NOTHING) -> Page:
        """One request, answered in full. Raises OSError when nobody answers."""
        with self.answer(method, path, body, headers) as answer:
            return Page(answer.status, answer.headers, answer.read())

    @contextmanager
    def answer(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = NOTHING
    ) -> Iterator[HTTPResponse]:
        """One request on a connection of its own, its answer still to be read. Raises OSError when nobody answers."""
        place = urlsplit(self.url)
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)) as connection:
            connection.request(method, path, body, {"Host": place.netloc, **headers})
            yield connection.getresponse()

    @property
    def port(self) -> int:
        """The port on 127.0.0.1 of this machine that leads to the server."""
        place = urlsplit(self.url)
        return self.tunnel.port(f"{place.hostname}:{place.port}")
