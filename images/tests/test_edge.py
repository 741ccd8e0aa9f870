"""The edge image: how it is made, whom it asks, what it passes on, and what it tells about itself."""

import json
import re
import socket
import time
from collections.abc import Iterator

import pytest

from images.tests.edge_stand import HEALTH_CHECK, Edge, Stand

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def edge(behind_edge: Stand) -> Iterator[Edge]:
    with behind_edge.edge() as edge:
        edge.running.wait_until(edge.serves, within=15)
        yield edge


def test_image_is_small_and_says_how_it_is_run(behind_edge: Stand) -> None:
    attributes = behind_edge.engine.client.images.get(behind_edge.image("edge")).attrs
    config = attributes["Config"]
    assert attributes["Size"] <= 21e6
    assert config["User"] == "99:99"
    assert config["StopSignal"] == "SIGUSR1"
    assert sorted(config["ExposedPorts"]) == ["8080/tcp", "8404/tcp", "8443/tcp"]


def test_every_process_is_an_ordinary_user_and_the_version_is_supported_for_years(edge: Edge) -> None:
    processes = edge.running.container.top(ps_args="-eo pid,uid,gid,args")["Processes"]
    assert {(uid, gid) for _, uid, gid, *_ in processes} == {("99", "99")}
    assert edge.running.exec("haproxy", "-v").startswith("HAProxy version 3.0.")


@pytest.mark.parametrize("path", ["/api/x", "/api/", "/health", "/live"])
def test_api_is_asked_directly(edge: Edge, path: str) -> None:
    edge.ask(path)
    entry = edge.entry(path)
    assert (entry["backend"], entry["status"]) == ("api", 200)


@pytest.mark.parametrize("path", ["/", "/projects/42", "/api", "/healthy", "/assets/index.js", "/metrics"])
def test_everything_else_is_for_the_frontend(edge: Edge, path: str) -> None:
    edge.ask(path)
    entry = edge.entry(path)
    assert (entry["backend"], entry["status"]) == ("frontend", 200)


@pytest.mark.parametrize(
    "path", ["/%61pi/x", "//api/x", "/x/../api/x", "/x/%2e%2e/api/x", "/./health", "/%6cive", "/api%2Fx"]
)
def test_path_that_nginx_would_take_for_the_apis_is_refused(edge: Edge, path: str) -> None:
    assert edge.ask(path).status == 400


def test_request_reaches_the_api_unchanged(edge: Edge) -> None:
    reached = edge.reached("/api/search?q=a%2Fb&x=1", Host="research.example:8443", Cookie="session=s")
    assert reached["asked"] == "/api/search?q=a%2Fb&x=1"
    assert reached["headers"]["host"] == reached["headers"]["x-forwarded-host"] == ["research.example:8443"]
    assert reached["headers"]["cookie"] == ["session=s"]


def test_where_a_request_came_from_is_not_for_the_client_to_say(edge: Edge) -> None:
    claims = {
        "X_Forwarded_For": "1.2.3.4",
        "X_Forwarded_Proto": "https",
        "X_Forwarded_Host": "evil.example",
        "X_Forwarded_Port": "1",
        "X_Real_IP": "1.2.3.4",
        "X_Request_ID": "evil",
        "Forwarded": "for=1.2.3.4",
    }
    headers = edge.reached("/api/x", Host="research.example", **claims)["headers"]
    assert headers["x-forwarded-for"] == headers["x-real-ip"]
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", headers["x-real-ip"][0])
    assert headers["x-real-ip"] != ["1.2.3.4"]
    assert headers["x-forwarded-proto"] == ["http"]
    assert headers["x-forwarded-host"] == ["research.example"]
    assert re.fullmatch(r"[0-9a-f]{32}", headers["x-request-id"][0])
    assert not {"x-forwarded-port", "forwarded"} & headers.keys()


def test_answers_get_the_headers_they_lack_and_keep_those_they_have(edge: Edge) -> None:
    page, api, refusal = edge.ask("/").headers, edge.ask("/api/x").headers, edge.ask("//").headers
    for headers in (page, api, refusal):
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == headers["referrer-policy"] == "same-origin"
        assert "strict-transport-security" not in headers, "without TLS nobody may be sent there"
        assert "server" not in headers
    assert page["content-security-policy"] == "default-src 'self'"
    assert "script-src" not in api["content-security-policy"]
    assert api["content-security-policy"].startswith("default-src 'none'")


def test_health_of_its_own_is_for_the_container_alone_and_not_logged(edge: Edge) -> None:
    assert edge.ask("/edge_health").status == 403
    assert edge.running.attempt(*HEALTH_CHECK)[0] == 0
    assert "/edge_health" not in {entry["path"] for entry in edge.entries() if entry["client"] == "127.0.0.1"}


def test_log_tells_a_request_in_one_line_without_its_query(edge: Edge) -> None:
    sent = edge.reached("/api/sign-up?token=onetime", User_Agent='a "quoted" \\agent', Cookie="session=private")
    entry = edge.entry("/api/sign-up")
    assert (entry["method"], entry["status"], entry["server"]) == ("GET", 200, "api1")
    assert entry["request_id"] == sent["headers"]["x-request-id"][0]
    assert entry["bytes"] > 0
    assert entry["ms"] >= entry["answer_ms"] >= 0
    assert entry["agent"] == 'a "quoted" \\agent'
    assert not re.search("onetime|private", edge.running.logs())


def test_metrics_are_for_the_networks_inside(behind_edge: Stand, edge: Edge) -> None:
    script = f"import urllib.request as r; print(r.urlopen('http://{edge.address}:8404/metrics').read().decode())"
    with behind_edge.engine.run(
        behind_edge.image("api"), ["python", "-c", script], network=behind_edge.network
    ) as once:
        assert once.exit_code() == 0, once.logs()
        told = once.logs()
    assert 'haproxy_server_status{proxy="api",server="api1",state="UP"} 1' in told
    assert "haproxy" not in edge.ask("/metrics").body


@pytest.mark.parametrize(
    ("path", "size", "largest"),
    [("/api/projects/1/stimuli?name=a.png", 11 * 1024**2, "10 MB"), ("/api/x", 1024**2, "1 MB")],
)
def test_body_up_to_its_limit_arrives_and_a_larger_one_is_refused_in_words(
    edge: Edge, path: str, size: int, largest: str
) -> None:
    allowed = edge.ask(path, "POST", b"x" * size)
    assert json.loads(allowed.body)["body"] == size
    refused = edge.ask(path, "POST", b"x" * (size + 1))
    assert (refused.status, refused.headers["content-type"]) == (413, "application/json")
    assert largest in json.loads(refused.body)["detail"]


def test_body_of_untold_length_is_refused(edge: Edge) -> None:
    answer = edge.ask("/api/x", "POST", iter([b"x"]))
    assert (answer.status, answer.headers["content-type"]) == (411, "application/json")
    assert edge.ask("/api/x", "POST").status == 200, "no body at all has no length to tell"


def test_request_to_no_host_is_refused(edge: Edge) -> None:
    with socket.create_connection((edge.address, 8080), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_events_arrive_as_they_happen(edge: Edge) -> None:
    began = time.monotonic()
    arrivals = {line: time.monotonic() - began for line in edge.lines("/api/events?count=2&every=1")}
    assert list(arrivals) == ["data: 0", "data: 1"]
    assert arrivals["data: 0"] < 0.7 < arrivals["data: 1"]
