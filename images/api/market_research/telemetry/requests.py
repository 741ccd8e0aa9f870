"""What a request took, by its route, and the id that the edge has given it."""

import re
import time
from collections.abc import Iterable
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from market_research.telemetry.metrics import ACTIVE_REQUESTS, REQUEST_SECONDS

SERVER_ERROR = 500
NO_ROUTE = "(none)"
"""Stands for every path that leads nowhere: there is no end to those."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROBES = frozenset({"/health", "/live"})
ID = re.compile(rb"[A-Za-z0-9-]{1,64}")

request_id: ContextVar[str] = ContextVar("request_id", default="")


def given_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The id that the edge has given a request; empty where it is none."""
    given = dict(headers).get(b"x-request-id", b"")
    return given.decode() if ID.fullmatch(given) else ""


class Measured:
    """ASGI middleware: one observation per request, probes left out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        request_id.set(given_id(scope["headers"]))
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        start, status, over = time.perf_counter(), SERVER_ERROR, 0.0

        async def remember(message: Message) -> None:
            nonlocal status, over
            if message["type"] == "http.response.start":
                status = message["status"]
                if dict(message["headers"]).get(b"content-type", b"").startswith(b"text/event-stream"):
                    over = time.perf_counter()
            await send(message)

        active = ACTIVE_REQUESTS.labels(method)
        active.inc()
        try:
            await self._app(scope, receive, remember)
        finally:
            active.dec()
            route = getattr(scope.get("route"), "path", NO_ROUTE)
            seconds = (over or time.perf_counter()) - start
            REQUEST_SECONDS.labels(method, route, str(status)).observe(seconds)
