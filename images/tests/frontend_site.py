"""A frontend container as the platform starts it, the APIs that stand in for the real one, and HTTP to ask with."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from images.tests.engine import Engine, Running, fresh_name

NGINX = ["nginx", "-g", "daemon off; worker_processes 1;"]
TMPFS = {"/tmp": "rw,noexec,nosuid,nodev,size=64m"}
HEALTH_CHECK = ("wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/nginx_status")
ECHO = {
    "asked": "request_uri",
    "host": "http_host",
    "for": "http_x_forwarded_for",
    "proto": "http_x_forwarded_proto",
    "forwarded_host": "http_x_forwarded_host",
    "id": "http_x_request_id",
}
# nginx of the same image, as an API that tells what reached it.
API_CONF = """
events {}
pid /tmp/api.pid;
http {
    access_log off;
    client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c; uwsgi_temp_path /tmp/d;
    scgi_temp_path /tmp/e;
    server {
        listen 8000;
        add_header X-Content-Type-Options nosniff;
        location / { return 200 '%s'; }
        location = /health { return 503 '{"status": "unavailable"}'; }
    }
}
"""
# Reads the request, then tells two events a second apart and asks not to be buffered.
STREAM = r"""
while read -r line && [ ${#line} -gt 1 ]; do :; done
printf 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Accel-Buffering: no\r\nConnection: close\r\n\r\n'
printf 'data: one\n\n'; busybox sleep 1; printf 'data: two\n\n'
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Frontend:
    """A running frontend and the network that an API would join."""

    running: Running
    network: str
    address: str

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection(self.address, 8080, timeout=10)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            body = response.read().decode(errors="replace")
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
        finally:
            connection.close()

    def lines(self, path: str) -> Iterator[str]:
        """The lines of an answer, each as soon as it has arrived."""
        connection = http.client.HTTPConnection(self.address, 8080, timeout=10)
        try:
            connection.request("GET", path)
            for line in connection.getresponse():
                yield line.decode().strip()
        finally:
            connection.close()

    def who(self) -> str | None:
        """Which API answers; None while none does."""
        answer = self.get("/api/status")
        return str(json.loads(answer.body)["who"]) if answer.status == 200 else None


@contextmanager
def start(engine: Engine, image_id: str, *, command: list[str] | None = NGINX, **options: Any) -> Iterator[Frontend]:
    """A frontend as the stack starts it, with a network of its own and without an API."""
    network = engine.client.networks.create(fresh_name())
    settings = {"environment": {"API_ADDRESS": "api:8000"}, "tmpfs": TMPFS, "user": "101:101", **options}
    try:
        with engine.run(image_id, command, network=network.name, **settings) as running:
            running.wait_until(lambda: running.attempt(*HEALTH_CHECK)[0] == 0, within=15)
            running.container.reload()
            address = running.container.attrs["NetworkSettings"]["Networks"][network.name]["IPAddress"]
            yield Frontend(running, str(network.name), address)
    finally:
        network.remove()


@contextmanager
def echoing_api(engine: Engine, frontend: Frontend, image_id: str, who: str) -> Iterator[Running]:
    """An API that answers with what it was asked."""
    echo = json.dumps({"who": who, **{key: f"${variable}" for key, variable in ECHO.items()}})
    command = ["/usr/sbin/nginx", "-c", "/fake/nginx.conf", "-g", "daemon off;"]
    with api(engine, frontend, image_id, command, {"nginx.conf": API_CONF % echo}) as running:
        yield running


@contextmanager
def streaming_api(engine: Engine, frontend: Frontend, image_id: str) -> Iterator[Running]:
    """An API whose every answer is a stream of two events."""
    command = ["busybox", "nc", "-ll", "-p", "8000", "-e", "/bin/sh", "/fake/stream.sh"]
    with api(engine, frontend, image_id, command, {"stream.sh": STREAM}) as running:
        yield running


@contextmanager
def api(
    engine: Engine, frontend: Frontend, image_id: str, command: list[str], files: Mapping[str, str]
) -> Iterator[Running]:
    """A container known as `api` in the frontend's network, with `files` below /fake."""
    endpoint = engine.client.api.create_endpoint_config(aliases=["api"])
    networking = {"network": frontend.network, "networking_config": {frontend.network: endpoint}}
    with engine.volume(files) as volume:
        mounts = {volume: {"bind": "/fake", "mode": "ro"}}
        with engine.run(image_id, command, volumes=mounts, tmpfs=TMPFS, **networking) as running:
            yield running
