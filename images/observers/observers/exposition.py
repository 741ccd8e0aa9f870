"""How metrics go out: /metrics for Prometheus, /health for Docker."""

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.registry import Collector

from observers.settings import SettingsError

CLIENT_SECONDS = 10
"""A client that sends or takes nothing for so long loses its connection."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = CLIENT_SECONDS

    def log_message(self, *_: Any) -> None:
        """Say nothing of a scrape."""


def application(collector: Collector) -> Callable[..., Iterable[bytes]]:
    """The WSGI application that shows what the collector has."""
    registry = CollectorRegistry()
    registry.register(collector)
    metrics: Callable[..., Iterable[bytes]] = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/metrics":
            return metrics(environ, start_response)
        found = environ["PATH_INFO"] == "/health"
        start_response("200 OK" if found else "404 Not Found", [("Content-Type", "text/plain")])
        return [b"ok\n" if found else b"/metrics and /health are here\n"]

    return answer


def listen(collector: Collector, port: int) -> WSGIServer:
    """A server that answers from a thread of its own."""
    server = make_server("", port, application(collector), _Server, _Handler)
    threading.Thread(target=server.serve_forever, name="exposition", daemon=True).start()
    return server


def main(run: Callable[[], None]) -> int:
    """Run an exporter until SIGTERM and return 0; 2 when a setting is wrong, with one line why."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        run()
    except SettingsError as error:
        logging.error("%s", error)
        return 2
    return 0
