"""Docker's API over TCP, as far as images/engine lets it be read."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlencode

from observers.settings import Address

ANSWER_SECONDS = 10.0


class EngineError(Exception):
    """The engine is away, or answers otherwise than asked."""


class GoneError(EngineError):
    """There is no such container any more."""


class Engine:
    """One engine. Every question has a connection of its own, so that threads may ask at once."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def ask(self, path: str, **query: str) -> Any:
        """The answer, which is one JSON document."""
        return next(self.stream(path, ANSWER_SECONDS, **query))

    def stream(self, path: str, silence_seconds: float, **query: str) -> Iterator[Any]:
        """One JSON document after the other, as they come; EngineError after a silence, and when there are no more."""
        connection = HTTPConnection(self._address.host, self._address.port, timeout=silence_seconds)
        try:
            connection.request("GET", f"{path}?{urlencode(query)}" if query else path)
            response = connection.getresponse()
            if response.status != HTTPStatus.OK:
                kind = GoneError if response.status == HTTPStatus.NOT_FOUND else EngineError
                raise kind(f"{path}: {response.status} {_reason(response)}")
            for line in response:
                yield json.loads(line)
            raise EngineError(f"{path}: no more answers")
        except (OSError, HTTPException, ValueError) as error:
            raise EngineError(f"{self._address}{path}: {error or type(error).__name__}") from None
        finally:
            connection.close()


def filters(**conditions: list[str]) -> str:
    """Conditions as the API wants them in its `filters`."""
    return json.dumps(conditions)


def _reason(response: HTTPResponse) -> str:
    return response.read(200).decode(errors="replace").strip()
