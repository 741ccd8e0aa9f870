"""A Docker engine that says what a test wants it to say, over HTTP."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

STATS: dict[str, Any] = {
    "read": "2026-08-01T10:00:00.123456789Z",
    "cpu_stats": {
        "cpu_usage": {"total_usage": 2_500_000_000},
        "throttling_data": {"periods": 100, "throttled_periods": 7, "throttled_time": 12},
    },
    "memory_stats": {"usage": 50_000_000, "stats": {"total_inactive_file": 20_000_000, "inactive_file": 1}},
    "networks": {"eth0": {"rx_bytes": 10, "tx_bytes": 1}, "eth1": {"rx_bytes": 20, "tx_bytes": 2}},
    "blkio_stats": {
        "io_service_bytes_recursive": [
            {"major": 8, "minor": 0, "op": "Read", "value": 4096},
            {"major": 8, "minor": 0, "op": "Write", "value": 512},
            {"major": 8, "minor": 0, "op": "Total", "value": 4608},
            {"major": 8, "minor": 16, "op": "Read", "value": 4},
        ]
    },
    "pids_stats": {"current": 9},
}


def description(identity: str, name: str = "dev-api-1", **changes: Any) -> dict[str, Any]:
    """A running container's, with changes to its parts: `State={"Running": False}`."""
    parts: dict[str, Any] = {
        "Id": identity,
        "Name": f"/{name}",
        "RestartCount": 0,
        "State": {
            "Status": "running",
            "Running": True,
            "StartedAt": "2026-08-01T09:00:00.987654321Z",
            "Health": {"Status": "healthy"},
        },
        "Config": {"Labels": {"pulumi.service": "api"}},
        "HostConfig": {"Memory": 536_870_912, "NanoCpus": 1_500_000_000, "RestartPolicy": {"Name": "unless-stopped"}},
    }
    for part, change in changes.items():
        parts[part] = {**parts[part], **change} if isinstance(change, dict) else change
    return parts


class EngineApi:
    """What it says is in its attributes; `events` are told as soon as they are put there."""

    def __init__(self) -> None:
        self.containers: list[dict[str, Any]] = []
        self.stats: dict[str, Any] = STATS
        self.events: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.broken = False

    def answers(self, path: str) -> Iterator[Any] | None:
        """JSON documents, one or endlessly many; None for what is not there."""
        parts = urlsplit(path)
        self.asked.append(path)
        if parts.path == "/containers/json":
            return iter([[{"Id": one["Id"]} for one in self.containers]])
        if parts.path == "/events":
            return self._news(float(parse_qs(parts.query)["since"][0]))
        identity, what = parts.path.split("/")[2:]
        found = next((one for one in self.containers if one["Id"] == identity), None)
        if found is None:
            return None
        return iter([found]) if what == "json" else self._samples()

    def _samples(self) -> Iterator[Any]:
        while not self.broken:
            yield self.stats
            time.sleep(0.02)

    def _news(self, since: float) -> Iterator[Any]:
        told = 0
        while not self.broken:
            for event in self.events[told:]:
                told += 1
                if event["timeNano"] / 1e9 >= since:
                    yield event
            time.sleep(0.02)


@contextmanager
def serving(api: EngineApi) -> Iterator[int]:
    """The port where it is asked."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answers = None if api.broken else api.answers(self.path)
            self.send_response(200 if answers else 404)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                for answer in answers or []:
                    line = json.dumps(answer).encode() + b"\n"
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
                self.wfile.write(b"0\r\n\r\n")
            except OSError:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
