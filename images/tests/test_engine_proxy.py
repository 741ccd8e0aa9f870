"""The way to the engine's socket: what is on the list is answered, all else is refused, however it is written."""

import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from images.tests.engine import Engine
from images.tests.engine_proxy import LIMITS, MOUNT, PORT, SOCKET, Proxy, started
from images.tests.monitoring_stand import stand


@pytest.fixture(scope="module")
def proxy(engine: Engine, proxy_image: str, group: int) -> Iterator[Proxy]:
    with stand(engine) as network, started(network, proxy_image, group) as proxy:
        yield proxy


@pytest.mark.parametrize("version", ["", "/v1.41"])
@pytest.mark.parametrize(
    "path",
    [
        "/_ping",
        "/version",
        "/info",
        "/containers/json?all=1",
        "/containers/{}/json",
        "/containers/{}/stats?stream=0&one-shot=1",
        "/containers/{}/logs?stdout=1&tail=1",
        "/events?since=1&until=2",
    ],
)
def test_what_is_read_to_monitor_is_answered(proxy: Proxy, version: str, path: str) -> None:
    status, content = proxy.ask(version + path.format(proxy.itself))
    assert status == 200, content


def test_a_container_goes_by_its_name_too(proxy: Proxy) -> None:
    assert proxy.ask(f"/containers/{proxy.running.container.name}/json")[0] == 200


def test_head_is_for_ping_alone(proxy: Proxy) -> None:
    assert proxy.ask("/_ping", "HEAD")[0] == 200
    assert proxy.ask("/containers/json", "HEAD")[0] == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "get"])
def test_no_other_method_passes(proxy: Proxy, method: str) -> None:
    for path in ("/_ping", "/containers/json", f"/containers/{proxy.itself}/json"):
        assert proxy.ask(path, method)[0] in (400, 403, 405)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/images/json",
        "/volumes",
        "/networks",
        "/secrets",
        "/system/df",
        "/containers/{}/archive?path=/etc/passwd",
        "/containers/{}/export",
        "/containers/{}/top",
        "/containers/{}/changes",
        "/containers/{}/attach/ws",
        "/exec/{}/json",
        "/v2/_ping",
        "/v1.41/v1.41/_ping",
        "/v1.41",
        "/metrics",
        "/grpc",
        "/session",
    ],
)
def test_nothing_else_can_be_read(proxy: Proxy, path: str) -> None:
    assert proxy.ask(path.format(proxy.itself))[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "//_ping",
        "/_ping/",
        "/./_ping",
        "/_ping/../images/json",
        "/_ping/%2e%2e/images/json",
        "/_ping%2f..%2fimages/json",
        "/%5fping",
        "/_ping%00",
        "/_ping;x=/../images/json",
        "/v1.41//images/json",
        "/v1.41/../images/json",
        "/containers//json",
        "/containers/../json",
        "/containers/../images/json",
        "/containers/./json",
        "/containers/%2e%2e/json",
        "/containers/{}/../../images/json",
        "/containers/{}/json/../export",
        "/containers/{}/json/",
        "/containers/{}%2fexport%3f/json",
        "/containers/{}/export%3f/json",
        "/containers/{}/export?/json",
        "/containers/{}/archive#/json",
        "\\_ping",
        "/containers\\json",
        "http://engine/images/json",
        "http://engine//_ping",
        "*",
        "_ping",
        "/Containers/json",
    ],
)
def test_no_disguise_passes(proxy: Proxy, path: str) -> None:
    assert proxy.ask(path.format(proxy.itself))[0] in (400, 403)


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Connection: Upgrade\r\nUpgrade: websocket\r\n", ""),
        ("Upgrade: tcp\r\n", ""),
        ("Content-Length: 2\r\n", "{}"),
        ("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: x\r\n", ""),
    ],
)
def test_neither_an_upgrade_nor_a_body_passes(proxy: Proxy, headers: str, body: str) -> None:
    assert proxy.ask("/_ping", headers=headers, body=body)[0] in (400, 403, 422, 501)


def test_an_upgrade_to_http_2_does_not_reach_the_engine(proxy: Proxy) -> None:
    headers = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
    assert proxy.ask("/_ping", headers=headers)[0] in (200, 400, 403), "HAProxy takes such a header away"


def test_what_comes_second_on_a_connection_is_looked_at_too(proxy: Proxy) -> None:
    first = "GET /_ping HTTP/1.1\r\nHost: engine\r\n\r\n"
    answers = proxy.raw(f"{first}POST /containers/create HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n")
    assert re.findall(rb"HTTP/1\.1 (\d+)", answers) == [b"200", b"403"]


def test_http_2_is_looked_at_too(proxy: Proxy) -> None:
    """The preface, settings, and a POST to / in a header block of indexed fields: no 200 may come back."""

    def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
        return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload

    with socket.create_connection((proxy.address, PORT), timeout=10) as connection:
        post = b"\x83\x84\x86\x41\x06engine"
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 5, 1, post))
        received = b""
        while b"403" not in received and (part := connection.recv(65536)):
            received += part
        assert b"403" in received


def test_samples_stream_as_they_come(proxy: Proxy) -> None:
    path = f"/containers/{proxy.itself}/stats?stream=1"
    with socket.create_connection((proxy.address, PORT), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: engine\r\n\r\n".encode())
        received = b""
        while received.count(b'"read":') < 2:
            received += connection.recv(65536)


def test_it_is_neither_root_nor_the_engines_friend_by_more_than_the_group(proxy: Proxy, group: int) -> None:
    assert proxy.running.exec("id", "-u") == "99"
    assert proxy.running.exec("id", "-g") == str(group)
    status = proxy.running.exec("sh", "-c", "while read -r line; do echo $line; done </proc/1/status")
    assert "CapEff: 0000000000000000" in status


def test_what_it_refuses_is_logged_without_the_query(proxy: Proxy) -> None:
    proxy.ask("/images/json?secret=1")
    refused = {"method": "GET", "path": "/images/json", "status": 403}
    proxy.running.wait_until(lambda: any(refused.items() <= entry.items() for entry in entries(proxy)), within=5)
    assert "secret=1" not in proxy.running.logs()
    assert all(entry["status"] != 200 for entry in entries(proxy))


def entries(proxy: Proxy) -> list[dict[str, Any]]:
    """What it has logged of requests."""
    return [json.loads(line) for line in proxy.running.logs().splitlines() if line.startswith("{")]


def test_the_wrong_group_is_told_the_right_one(engine: Engine, proxy_image: str, group: int) -> None:
    with engine.run(proxy_image, user="99:4711", volumes=MOUNT, **LIMITS) as once:
        assert once.exit_code() == 64
        assert f"start it with --user 99:{group}" in once.logs()


def test_a_missing_socket_is_named(engine: Engine, proxy_image: str) -> None:
    with engine.run(proxy_image, **LIMITS) as once:
        assert once.exit_code() == 64
        assert f"{SOCKET} does not exist; mount the engine's socket there" in once.logs()


def test_it_stops_at_once_while_somebody_listens(engine: Engine, proxy_image: str, group: int) -> None:
    with (
        stand(engine) as network,
        started(network, proxy_image, group) as proxy,
        socket.create_connection((proxy.address, PORT), timeout=10) as connection,
    ):
        connection.sendall(b"GET /events HTTP/1.1\r\nHost: engine\r\n\r\n")
        connection.recv(100)
        assert proxy.running.stop(within=5) != 137


def test_the_image_has_the_size_it_promises(engine: Engine, proxy_image: str) -> None:
    assert engine.client.images.get(proxy_image).attrs["Size"] <= 25e6
