"""The edge as the platform starts it, containers that stand behind it, and HTTP to ask with."""

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from images.tests.engine import IMAGES, Engine, Running, fresh_name, wait_until
from images.tests.frontend_site import Answer

CONFIG = IMAGES / "edge" / "haproxy" / "haproxy.cfg"
CERTIFICATES = "/run/certificates"
TMPFS = {"/tmp": "rw,noexec,nosuid,nodev,size=1m"}
HEALTH_CHECK = ("wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/edge_health")
ADDRESSES = {"API_ADDRESS": "api:8000", "FRONTEND_ADDRESS": "frontend:8080"}
SERVER = ["python", "-m", "uvicorn", "edge_backend:app", "--app-dir", "/fake", "--host", "0.0.0.0"]
SERVER += ["--log-level", "warning", "--no-access-log", "--no-server-header"]
# As the API: what a proxy keeps open must not be closed under it.
SERVER += ["--timeout-keep-alive", "65", "--timeout-graceful-shutdown", "20"]
Body = bytes | Iterator[bytes] | None  # an iterator's length is not told


@dataclass(frozen=True)
class Edge:
    """A running edge, by its address in the network."""

    running: Running
    address: str

    def ask(self, path: str, method: str = "GET", body: Body = None, **headers: str) -> Answer:
        return self._answer(http.client.HTTPConnection(self.address, 8080, timeout=10), path, method, body, headers)

    def ask_securely(self, path: str, method: str = "GET", **headers: str) -> Answer:
        """Over TLS, whoever signed the certificate."""
        secure = http.client.HTTPSConnection(self.address, 8443, timeout=10, context=_believing_anybody())
        return self._answer(secure, path, method, None, headers)

    def frames(self, *headers: tuple[str, str], body: bytes) -> bytes:
        """What comes back over HTTP/2 for a request with just these headers."""
        block = b"".join(b"\0" + b"".join(bytes([len(text)]) + text.encode() for text in header) for header in headers)
        context = _believing_anybody()
        context.set_alpn_protocols(["h2"])
        with (
            socket.create_connection((self.address, 8443), timeout=5) as plain,
            context.wrap_socket(plain) as connection,
        ):
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(4, 0, 0, b""))
            connection.sendall(_frame(1, 4, 1, block) + _frame(0, 1, 1, body))
            received = b""
            # The frame that carries the answer's body is the last one that matters.
            while b"}" not in received:
                received += connection.recv(10_000)
            return received

    def reached(self, path: str = "/api/x", **headers: str) -> Any:
        """What the API says that it was asked."""
        answer = self.ask(path, "GET", None, **headers)
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def lines(self, path: str) -> Iterator[str]:
        """The lines of an answer that are not empty, each as soon as it has arrived."""
        connection = http.client.HTTPConnection(self.address, 8080, timeout=10)
        try:
            connection.request("GET", path)
            for line in connection.getresponse():
                if line.strip():
                    yield line.decode().strip()
        finally:
            connection.close()

    def entry(self, path: str) -> dict[str, Any]:
        """What it has logged of a request for this path; it logs when it has answered."""
        wait_until(lambda: path in {entry["path"] for entry in self.entries()}, within=5)
        return next(entry for entry in self.entries() if entry["path"] == path)

    def serves(self) -> bool:
        """Whether it has found an API and a frontend."""
        return self.ask("/api/ready").status == self.ask("/ready").status == 200

    def entries(self) -> list[dict[str, Any]]:
        """What it has logged of requests."""
        return [json.loads(line) for line in self.running.container.logs(stderr=False).decode().splitlines()]

    def _answer(
        self,
        connection: http.client.HTTPConnection,
        path: str,
        method: str,
        body: Body,
        headers: Mapping[str, str],
    ) -> Answer:
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            # Headers that come twice are shown twice.
            received: dict[str, str] = {}
            for name, value in response.getheaders():
                received[name.lower()] = f"{received[name.lower()]}, {value}" if name.lower() in received else value
            return Answer(response.status, received, text)
        finally:
            connection.close()


@dataclass(frozen=True)
class Stand:
    """A network with containers behind two names, and edges that are started in it."""

    engine: Engine
    image: Callable[[str], str]
    network: str
    source: str

    @contextmanager
    def backend(self, service: str, who: str, alias: str = "", **environment: str) -> Iterator[Running]:
        """One more container behind the service's name, or another alias; the edge has yet to notice."""
        networking = {"network": self.network, "networking_config": {self.network: self._endpoint(alias or service)}}
        with self.engine.run(
            self.image("api"),
            [*SERVER, "--port", ADDRESSES[f"{service.upper()}_ADDRESS"].partition(":")[2]],
            environment={"WHO": who, **environment},
            volumes={self.source: {"bind": "/fake", "mode": "ro"}},
            **networking,
        ) as running:
            yield running

    @contextmanager
    def edge(self, files: Mapping[str, str | bytes] | None = None, **options: Any) -> Iterator[Edge]:
        """An edge that answers its health check; `files` are in the folder for certificates."""
        environment = ADDRESSES | options.pop("environment", {})
        with self.engine.volume(files or {}) as volume:
            volumes = {volume: {"bind": CERTIFICATES, "mode": "ro"}} | options.pop("volumes", {})
            settings = {"tmpfs": TMPFS, "user": "99:99", "mem_limit": "64m", "memswap_limit": "64m", **options}
            with self.engine.run(
                self.image("edge"), network=self.network, environment=environment, volumes=volumes, **settings
            ) as running:
                running.wait_until(lambda: running.attempt(*HEALTH_CHECK)[0] == 0, within=15)
                yield Edge(running, self.address(running))

    def rename(self, running: Running, alias: str) -> None:
        """Let a container that is running already come up behind the name all at once."""
        network = self.engine.client.networks.get(self.network)
        network.disconnect(running.container)
        network.connect(running.container, aliases=[alias])

    def address(self, running: Running) -> str:
        running.container.reload()
        return str(running.container.attrs["NetworkSettings"]["Networks"][self.network]["IPAddress"])

    def _endpoint(self, alias: str) -> Any:
        return self.engine.client.api.create_endpoint_config(aliases=[alias])


@contextmanager
def stand(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    """A network without anything in it."""
    network = engine.client.networks.create(fresh_name())
    source = {"edge_backend.py": (Path(__file__).parent / "edge_backend.py").read_text()}
    try:
        with engine.volume(source) as volume:
            yield Stand(engine, image, str(network.name), volume)
    finally:
        network.remove()


def _believing_anybody() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload
