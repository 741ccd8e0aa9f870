"""A server process that is told to leave."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import httpx


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    url: str

    def health(self) -> int | None:
        """Status of /health, None when nobody listens."""
        try:
            return httpx.get(f"{self.url}/health").status_code
        except httpx.ConnectError:
            return None

    def wait_until(self, holds: Callable[[], bool]) -> None:
        limit = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < limit
            time.sleep(0.02)


@contextmanager
def serving(drain_seconds: float) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.slow_server", str(port), str(drain_seconds)]
    with subprocess.Popen(command) as process:
        try:
            server = Server(process, f"http://127.0.0.1:{port}")
            server.wait_until(lambda: server.health() == 200)
            yield server
        finally:
            process.kill()


def test_health_says_so_first_and_a_request_in_flight_finishes_after_the_socket_closed() -> None:
    with serving(drain_seconds=0.5) as server, ThreadPoolExecutor(1) as background:
        slow = background.submit(httpx.get, f"{server.url}/api/slow", timeout=10)
        time.sleep(0.2)
        server.process.send_signal(signal.SIGTERM)
        server.wait_until(lambda: server.health() != 200)
        assert server.health() == 503
        server.wait_until(lambda: server.health() is None)
        assert not slow.done()
        assert slow.result().json() == "done"
        assert server.process.wait(5) in (0, -signal.SIGTERM)


def test_a_second_signal_does_not_wait_for_the_drain_to_end() -> None:
    with serving(drain_seconds=60) as server:
        server.process.send_signal(signal.SIGTERM)
        server.wait_until(lambda: server.health() == 503)
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(5)
