"""The way to the engine's socket, started as the platform does, and requests to it that no client would write."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from docker.models.containers import Container

from images.tests.engine import Engine, Running, fresh_name
from images.tests.monitoring_stand import Stand

SOCKET = "/var/run/docker.sock"
MOUNT = {SOCKET: {"bind": SOCKET, "mode": "ro"}}
PORT = 2375
EMPTY = "Content-Length: 0\r\n"
LIMITS: dict[str, Any] = {"mem_limit": "32m", "memswap_limit": "32m", "tmpfs": {"/tmp": "size=1m"}}


@dataclass(frozen=True)
class Proxy:
    """A running proxy; `itself` is a container that there is."""

    running: Running
    address: str

    @property
    def itself(self) -> str:
        return str(self.running.container.id)

    def raw(self, request: str, within: float = 10) -> bytes:
        """All that is answered to these bytes, no part of it after more than `within` seconds of silence."""
        with socket.create_connection((self.address, PORT), timeout=within) as connection:
            connection.sendall(request.encode())
            received = b""
            while part := connection.recv(65536):
                received += part
            return received

    def ask(self, path: str, method: str = "GET", headers: str = "", body: str = "") -> tuple[int, bytes]:
        """Status and body, whatever the path looks like."""
        answer = self.raw(f"{method} {path} HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n{headers}\r\n{body}")
        head, _, content = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), content


def socket_group(engine: Engine, image: str) -> int:
    """The group of the socket on the engine's host, as the platform finds it out."""
    options: dict[str, Any] = {"entrypoint": ["stat"], "volumes": MOUNT}
    with engine.run(image, ["-c", "%g", SOCKET], **options) as once:
        assert once.exit_code() == 0
        return int(once.logs())


@contextmanager
def started(
    network: Stand, image: str, group: int, volumes: Mapping[str, Any] = MOUNT, **options: Any
) -> Iterator[Proxy]:
    own = {**LIMITS, **network.join("engine"), **options}
    with network.engine.run(image, user=f"99:{group}", volumes=volumes, **own) as running:
        health = ("wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{PORT}/_ping")
        running.wait_until(lambda: running.attempt(*health)[0] == 0, within=15)
        yield Proxy(running, network.address(running))


@contextmanager
def told(engine: Engine, controlled: str | bytes) -> Iterator[dict[str, Any]]:
    """The mounts of a proxy that is told what it may start and stop."""
    with engine.volume({"controlled": controlled}) as files:
        yield {**MOUNT, files: {"bind": "/run/configuration", "mode": "ro"}}


@contextmanager
def dormant(engine: Engine, *command: str) -> Iterator[Container]:
    """A container that is created and not started, removed afterwards."""
    container = engine.client.containers.create("debian:trixie-slim", list(command), name=fresh_name(), init=True)
    try:
        yield container
    finally:
        container.remove(force=True)
