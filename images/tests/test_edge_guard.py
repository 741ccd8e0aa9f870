"""What the edge keeps from the platform: slow clients, greedy clients, and everybody while it is being worked on."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from images.tests.edge_stand import CONFIG, HEALTH_CHECK, Edge, Stand
from images.tests.engine import wait_until
from images.tests.frontend_site import Answer

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def hasty(behind_edge: Stand) -> Iterator[Edge]:
    """An edge whose time limits are a tenth of what they are, and the same otherwise."""
    config = re.sub(
        r"(timeout \S+|wait-for-body time) (\d+)s", lambda limit: f"{limit[1]} {limit[2]}00ms", CONFIG.read_text()
    )
    with behind_edge.engine.volume({"haproxy.cfg": config}) as volume:
        mounts = {volume: {"bind": "/hasty", "mode": "ro"}}
        with behind_edge.edge(command=["haproxy", "-db", "-f", "/hasty/haproxy.cfg"], volumes=mounts) as edge:
            edge.running.wait_until(edge.serves, within=15)
            yield edge


def test_time_limits_are_short() -> None:
    limits = dict(re.findall(r"(?m)^ +timeout (\S+) +(\S+)$", CONFIG.read_text()))
    assert (limits["http-request"], limits["client"], limits["server"]) == ("10s", "15s", "75s")


@pytest.mark.parametrize(
    "beginning",
    ["GET /api/x HTTP/1.1\r\nHost: edge\r\n", "POST /api/x HTTP/1.1\r\nHost: edge\r\nContent-Length: 500\r\n\r\n"],
    ids=["headers", "body"],
)
def test_client_that_sends_byte_by_byte_is_cut(hasty: Edge, beginning: str) -> None:
    with socket.create_connection((hasty.address, 8080), timeout=5) as connection:
        connection.sendall(beginning.encode())
        began = time.monotonic()
        answer = b""
        connection.settimeout(0.2)
        while not answer and time.monotonic() - began < 5:
            try:
                answer = connection.recv(100)
            except TimeoutError:
                connection.sendall(b"a")
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert 0.8 < time.monotonic() - began < 3


def test_client_that_does_not_read_is_cut(hasty: Edge) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((hasty.address, 8080))
        connection.sendall(b"GET /api/large?bytes=20000000 HTTP/1.1\r\nHost: edge\r\n\r\n")
        entry = hasty.entry("/api/large")
        assert entry["end"] == "cD", "the client's time for data was not what ended it"
        assert entry["bytes"] < 20_000_000


def test_stream_outlives_every_limit_as_long_as_its_heart_beats(hasty: Edge) -> None:
    beats = list(hasty.lines("/api/events?count=8&every=0.5"))
    assert len(beats) == 8, "15 s for clients are 1.5 s here, and 4 s went by"


def test_client_that_asks_too_often_reads_when_to_ask_again_and_others_do_not(behind_edge: Stand) -> None:
    with behind_edge.edge(environment={"RATE_LIMIT": "30"}) as edge:
        answers = [edge.ask("/edge-of-limit") for _ in range(31)]
        refused = answers[-1]
        assert {answer.status for answer in answers[:-1]} & {429} == set()
        assert (refused.status, refused.headers["content-type"]) == (429, "application/json")
        assert int(refused.headers["retry-after"]) == 10
        assert "try again" in json.loads(refused.body)["detail"]
        other = f"import urllib.request as r; print(r.urlopen('http://{edge.address}:8080/').status)"
        command = ["python", "-c", other]
        with behind_edge.engine.run(behind_edge.image("api"), command, network=behind_edge.network) as once:
            assert once.exit_code() == 0, once.logs()
        assert all(edge.running.attempt(*HEALTH_CHECK)[0] == 0 for _ in range(2))


@pytest.mark.parametrize("path", ["/api/session?status=401", "/api/%73ession?status=429", "/api/accounts?status=403"])
def test_client_that_tries_passwords_is_refused_long_before_one_that_reads(behind_edge: Stand, path: str) -> None:
    with behind_edge.edge(environment={"LOGIN_RATE_LIMIT": "5"}) as edge:
        edge.running.wait_until(edge.serves, within=15)
        assert {_log_in(edge, path).headers.get("retry-after") for _ in range(5)} == {None}
        for again in (path, path, "/api/session"):
            refused = _log_in(edge, again)
            assert (refused.status, refused.headers["retry-after"]) == (429, "60"), "all ways of asking count as one"
        assert "try again in a minute" in json.loads(refused.body)["detail"]
        assert {edge.ask("/api/session").status for _ in range(10)} == {200}, "who is logged in is not locked out"
        assert edge.ask("/api/projects", "POST", b"{}").status == 200


def test_people_of_one_address_who_know_their_passwords_do_not_lock_each_other_out(behind_edge: Stand) -> None:
    with behind_edge.edge(environment={"LOGIN_RATE_LIMIT": "5"}) as edge:
        edge.running.wait_until(edge.serves, within=15)
        assert {_log_in(edge, "/api/session?status=201").status for _ in range(20)} == {201}
        assert {edge.ask("/api/session?status=401").status for _ in range(10)} == {401}, "nobody tried a password"
        assert _log_in(edge, "/api/session?status=201").status == 201


def test_passwords_that_are_tried_all_at_once_count_before_they_are_answered(behind_edge: Stand) -> None:
    with behind_edge.edge(environment={"LOGIN_RATE_LIMIT": "5"}) as edge, ThreadPoolExecutor(12) as at_once:
        edge.running.wait_until(edge.serves, within=15)
        statuses = [
            answer.status for answer in at_once.map(_log_in, [edge] * 12, ["/api/session?seconds=3&status=401"] * 12)
        ]
        assert statuses.count(401) == 5, statuses
        assert statuses.count(429) == 7, statuses


def _log_in(edge: Edge, path: str) -> Answer:
    answer = edge.ask(path, "POST", b"{}")
    # For an instant what has been answered counts as what has not, too.
    time.sleep(0.2)
    return answer


def test_nobody_is_refused_for_asking_often_without_a_limit(hasty: Edge) -> None:
    assert {hasty.ask("/").status for _ in range(200)} == {200}


def test_maintenance_is_switched_by_a_command_and_outlives_a_restart(behind_edge: Stand) -> None:
    with behind_edge.engine.volume() as kept:
        mounts = {kept: {"bind": "/var/lib/edge", "mode": "rw"}}
        with behind_edge.edge(volumes=mounts) as edge:
            edge.running.wait_until(edge.serves, within=15)
            assert edge.running.exec("maintenance", "status") == "off"
            edge.running.exec("maintenance", "on", 'Until <noon> & "later"')
            wait_until(lambda: edge.ask("/").status == 503, within=5)
            _is_in_maintenance(edge)
        with behind_edge.edge(volumes=mounts) as edge:
            _is_in_maintenance(edge)
            assert edge.running.exec("maintenance", "status") == "on"
            edge.running.exec("maintenance", "off")
            edge.running.wait_until(edge.serves, within=15)


def _is_in_maintenance(edge: Edge) -> None:
    page, api = edge.ask("/projects/1"), edge.ask("/api/x", "POST")
    assert (page.status, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "Until &lt;noon&gt; &amp; &quot;later&quot;" in page.body
    assert (api.status, api.headers["content-type"]) == (503, "application/json")
    assert json.loads(api.body)["detail"] == 'Until <noon> & "later"'
    assert page.headers["retry-after"] == api.headers["retry-after"] == "60"
    assert page.headers["cache-control"] == api.headers["cache-control"] == "no-store"
    wait_until(lambda: edge.ask("/health").status == 200, within=5, why=lambda: "the API's health was hidden")


def test_maintenance_without_a_place_to_remember_it_is_refused(hasty: Edge) -> None:
    code, told = hasty.running.attempt("maintenance", "on")
    assert code == 73
    assert "mount a volume at /var/lib/edge" in told
    assert hasty.running.attempt("maintenance", "perhaps")[0] == 64


def test_while_nobody_stands_behind_it_clients_read_when_to_ask_again(behind_edge: Stand) -> None:
    with behind_edge.edge(environment={"API_ADDRESS": "nobody:1", "FRONTEND_ADDRESS": "nobody:2"}) as edge:
        api, page = edge.ask("/api/x", "POST"), edge.ask("/projects/1")
        assert (api.status, api.headers["content-type"]) == (503, "application/json")
        assert "try again" in json.loads(api.body)["detail"]
        assert (page.status, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert "try again" in page.body
        for answer in (api, page):
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_stop_signal_lets_a_request_be_finished(behind_edge: Stand) -> None:
    with behind_edge.edge() as edge:
        edge.running.wait_until(edge.serves, within=15)
        statuses: list[int] = []
        asking = threading.Thread(target=lambda: statuses.append(edge.ask("/api/slow?seconds=2").status))
        asking.start()
        time.sleep(0.5)
        assert edge.running.stop(within=15) == 0
        asking.join()
        assert statuses == [200]
