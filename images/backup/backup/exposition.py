"""How the scheduler is seen: /metrics for Prometheus, /health for Docker."""

import threading
import time
from collections.abc import Callable, Iterable
from http.client import HTTPConnection, HTTPException
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.registry import Collector

PORT = 9465
CLIENT_SECONDS = 10
"""A client that sends or takes nothing for so long loses its connection."""
SILENCE_SECONDS = 300
"""The longest that the scheduler may be without a sign of life: it waits for a slow stop of neo4j without one."""


class Heart:
    """Whether the scheduler still gets on."""

    def __init__(self, silence_seconds: float = SILENCE_SECONDS) -> None:
        self._longest = silence_seconds
        self.beat()

    def beat(self) -> None:
        """A sign of life."""
        self._last = time.monotonic()

    @property
    def beats(self) -> bool:
        """Whether the last sign of life is not too long ago."""
        return time.monotonic() - self._last < self._longest


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = CLIENT_SECONDS

    def log_message(self, *_: Any) -> None:
        """Say nothing of a scrape."""


def application(collector: Collector, heart: Heart) -> Callable[..., Iterable[bytes]]:
    """The WSGI application that shows what the collector has."""
    registry = CollectorRegistry()
    registry.register(collector)
    metrics: Callable[..., Iterable[bytes]] = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            return metrics(environ, start_response)
        status, text = ("200 OK", b"ok\n") if heart.beats else ("503 Service Unavailable", b"it hangs\n")
        if path != "/health":
            status, text = "404 Not Found", b"/metrics and /health are here\n"
        start_response(status, [("Content-Type", "text/plain")])
        return [text]

    return answer


def listen(collector: Collector, heart: Heart, port: int = PORT) -> WSGIServer:
    """A server that answers from a thread of its own."""
    server = make_server("", port, application(collector, heart), _Server, _Handler)
    threading.Thread(target=server.serve_forever, name="exposition", daemon=True).start()
    return server


def ask(port: int = PORT) -> bool:
    """Whether a scheduler on this host says that it is well."""
    connection = HTTPConnection("127.0.0.1", port, timeout=CLIENT_SECONDS / 2)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200  # noqa: PLR2004 - OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
