"""The stack's public address, asked as a browser would, from the engine's host."""

import json
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from smoke_tests.tunnel import Tunnel

TIMEOUT_SECONDS = 15


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
        """One request on a connection of its own. Raises OSError when nobody answers."""
        place = urlsplit(self.url)
        port = self.tunnel.port(f"{place.hostname}:{place.port}")
        connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", path, headers={"Host": place.netloc})
            answer = connection.getresponse()
            return Page(answer.status, answer.headers, answer.read())
        finally:
            connection.close()
