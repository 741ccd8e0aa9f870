"""A way from this process to addresses that only the engine's host or the stack's networks know."""

import logging
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

from docker.errors import DockerException

from smoke_tests import relay
from smoke_tests.guest import Guest


class Way(Protocol):
    """What leads to addresses within the stack."""

    def place(self, address: str) -> tuple[str, int]:
        """Host and port to connect to for an address (`host:port`) as the stack's networks know it."""


class Tunnel:
    """Local ports whose connections a guest carries on, over the Docker Engine API alone: no port is published."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._entrances = ExitStack()
        self._ports: dict[str, int] = {}

    def port(self, address: str) -> int:
        """The port on 127.0.0.1 that leads to an address (`host:port`) as the guest sees it."""
        if address not in self._ports:
            self._ports[address] = self._entrances.enter_context(_entrance(self._guest, address))
        return self._ports[address]

    def place(self, address: str) -> tuple[str, int]:
        """Where it enters the tunnel."""
        return "127.0.0.1", self.port(address)

    def __enter__(self) -> "Tunnel":
        return self

    def __exit__(self, *_: object) -> None:
        self._entrances.close()


@contextmanager
def _entrance(guest: Guest, address: str) -> Iterator[int]:
    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            try:
                _carry(self.request, guest, address)
            except (OSError, DockerException) as error:
                logging.getLogger(__name__).warning("%s is out of reach: %s", address, error)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def _carry(client: socket.socket, guest: Guest, address: str) -> None:
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with guest.talk(relay) as (line, answers):
        line.sendall(f"{address}\n".encode())
        outgoing = threading.Thread(target=relay.send, args=(client, line.sendall), daemon=True)
        outgoing.start()
        relay.receive(answers.read, client)
        outgoing.join()
