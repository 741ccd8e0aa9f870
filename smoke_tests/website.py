"""The stack's public address, asked as a browser would, from the engine's host."""

import json
import socket
import ssl
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
    """An HTTP server (`url`) at the other end of a tunnel, there at `address` (`host:port`), else where the URL says.

    By HTTPS it has to show a certificate for its name that one of the `trusted` has signed.
    """

    tunnel: Tunnel
    url: str
    address: str = ""
    trusted: ssl.SSLContext | None = None

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
            connection.sock = self._connected()
            connection.request(method, path, body, {"Host": place.netloc, **headers})
            yield connection.getresponse()

    @property
    def is_secure(self) -> bool:
        """Whether people reach it by HTTPS."""
        return urlsplit(self.url).scheme == "https"

    @property
    def port(self) -> int:
        """The port on 127.0.0.1 of this machine that leads to the server."""
        return self.tunnel.port(self.address or urlsplit(self.url).netloc)

    def _connected(self) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.port), TIMEOUT_SECONDS)
        if not self.is_secure:
            return plain
        context = self.trusted or ssl.create_default_context()
        try:
            return context.wrap_socket(plain, server_hostname=urlsplit(self.url).hostname)
        except OSError:
            plain.close()
            raise
