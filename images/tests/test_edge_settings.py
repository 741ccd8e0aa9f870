"""What the edge is told: wrong settings are refused before it listens, and a certificate turns TLS on."""

import json
from collections.abc import Callable, Iterator

import pytest

from images.tests.edge_certificate import DAY, certificate, parts
from images.tests.edge_stand import ADDRESSES, CERTIFICATES, HEALTH_CHECK, Edge, Stand
from images.tests.engine import Engine, Running

pytestmark = pytest.mark.docker

CHECK = ("/docker-entrypoint.sh", "haproxy", "-c", "-f", "/etc/haproxy/haproxy.cfg")


@pytest.fixture(scope="module")
def certificates(engine: Engine, image: Callable[[str], str]) -> dict[str, str | bytes]:
    """A good file, and what may be wrong with one."""
    edge = image("edge")
    good, other = certificate(engine, edge), certificate(engine, edge, -2 * DAY)
    return {
        "good.pem": good,
        "keyless.pem": parts(good)[0],
        "mixed.pem": parts(good)[0] + parts(other)[1],
        "expired.pem": certificate(engine, edge, -2 * DAY, -DAY),
        "early.pem": certificate(engine, edge, DAY, 2 * DAY),
        "text.pem": "neither certificate nor configuration",
    }


@pytest.fixture(scope="module")
def idle(engine: Engine, image: Callable[[str], str], certificates: dict[str, str | bytes]) -> Iterator[Running]:
    """A container of the image in which the entrypoint can be asked again and again."""
    with engine.volume(certificates) as good, engine.volume() as unreadable:
        engine.fill(unreadable, {"secret.pem": certificates["good.pem"]}, mode=0o400)
        volumes = {good: {"bind": CERTIFICATES, "mode": "ro"}, unreadable: {"bind": "/run/unreadable", "mode": "ro"}}
        with engine.run(image("edge"), ["sh", "-c", "cat"], stdin_open=True, volumes=volumes) as running:
            yield running


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("API_ADDRESS", "", "allowed is host:port. Start it with --env API_ADDRESS=api:8000"),
        ("API_ADDRESS", "api", "without a port; start it with --env API_ADDRESS=api:8000"),
        ("API_ADDRESS", "api:0", "a port from 1 to 65535"),
        ("API_ADDRESS", "api:8000 check", "allowed is host:port"),
        ("API_ADDRESS", "a:b:1", "allowed is host:port"),
        ("FRONTEND_ADDRESS", "", "allowed is host:port. Start it with --env FRONTEND_ADDRESS=frontend:8080"),
        ("FRONTEND_ADDRESS", ":8080", "allowed is host:port"),
        ("FRONTEND_ADDRESS", "frontend:http", "a port from 1 to 65535"),
        ("RATE_LIMIT", "many", "allowed are 0 (no limit) to 1000000"),
        ("RATE_LIMIT", "-1", "allowed are 0 (no limit) to 1000000"),
        ("RATE_LIMIT", "1000001", "allowed are 0 (no limit) to 1000000"),
        ("LOGIN_RATE_LIMIT", "many", "allowed are 0 (no limit) to 1000000"),
        ("HTTPS_PORT", "65536", "allowed is 1 to 65535"),
        ("TLS_CERTIFICATE", "good.pem", "is not a path from the root"),
        ("TLS_CERTIFICATE", f"{CERTIFICATES}/none.pem", "does not exist; mount the folder"),
        ("TLS_CERTIFICATE", CERTIFICATES, "is not a file"),
        ("TLS_CERTIFICATE", "/run/unreadable/secret.pem", "cannot be read by user 99"),
        ("TLS_CERTIFICATE", f"{CERTIFICATES}/text.pem", "holds no certificate"),
        ("TLS_CERTIFICATE", f"{CERTIFICATES}/keyless.pem", "holds no usable key"),
        ("TLS_CERTIFICATE", f"{CERTIFICATES}/mixed.pem", "a key that is not its first certificate's"),
        ("TLS_CERTIFICATE", f"{CERTIFICATES}/expired.pem", "expired on 20"),
        ("TLS_CERTIFICATE", f"{CERTIFICATES}/early.pem", "is good from 20"),
    ],
)
def test_wrong_setting_is_told_in_one_line(idle: Running, variable: str, value: str, complaint: str) -> None:
    code, told = idle.attempt(*CHECK, environment={**ADDRESSES, variable: value})
    assert code == 64
    assert told.startswith(f"edge: {variable}")
    assert complaint in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    "settings",
    [{}, {"RATE_LIMIT": "100"}, {"TLS_CERTIFICATE": f"{CERTIFICATES}/good.pem"}, {"TLS_CERTIFICATE": ""}],
    ids=["least", "rate limit", "certificate", "empty certificate"],
)
def test_right_settings_are_taken_without_a_word(idle: Running, settings: dict[str, str]) -> None:
    assert idle.exec(*CHECK, environment={**ADDRESSES, **settings}) == ""


def test_refusal_comes_before_anything_listens(engine: Engine, image: Callable[[str], str]) -> None:
    with engine.run(image("edge"), environment={**ADDRESSES, "RATE_LIMIT": "many"}) as refused:
        assert refused.exit_code() == 64
        assert len(refused.logs().splitlines()) == 1


def test_configuration_that_haproxy_does_not_take_is_told_in_its_words(idle: Running) -> None:
    broken = ("/docker-entrypoint.sh", "haproxy", "-f", f"{CERTIFICATES}/text.pem")
    code, told = idle.attempt(*broken, environment=ADDRESSES)
    assert code == 64
    assert "unknown keyword 'neither'" in told
    assert len(told.splitlines()) == 1


def test_other_commands_run_as_they_are(engine: Engine, image: Callable[[str], str]) -> None:
    with engine.run(image("edge"), ["sh", "-c", "echo instead of HAProxy"]) as once:
        assert once.exit_code() == 0
        assert once.logs() == "instead of HAProxy\n"


@pytest.fixture(scope="module")
def secure(behind_edge: Stand, certificates: dict[str, str | bytes]) -> Iterator[Edge]:
    settings = {"TLS_CERTIFICATE": f"{CERTIFICATES}/good.pem", "HTTPS_PORT": "8444"}
    with behind_edge.edge(files=certificates, environment=settings) as edge:
        edge.running.wait_until(lambda: edge.ask_securely("/api/x").status == 200, within=15)
        yield edge


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/", "/api/x?a=b%2F", "/health"])
def test_with_a_certificate_http_leads_to_https(secure: Edge, method: str, path: str) -> None:
    answer = secure.ask(path, method, Host="research.example:8081")
    assert (answer.status, answer.headers["location"]) == (308, f"https://research.example:8444{path}")
    assert "strict-transport-security" not in answer.headers


def test_usual_port_is_not_named(behind_edge: Stand, certificates: dict[str, str | bytes]) -> None:
    settings = {"TLS_CERTIFICATE": f"{CERTIFICATES}/good.pem"}
    with behind_edge.edge(files=certificates, environment=settings) as edge:
        assert edge.ask("/x", Host="research.example").headers["location"] == "https://research.example/x"


def test_over_tls_browsers_are_told_to_stay_there_and_the_api_knows(secure: Edge) -> None:
    api, page = secure.ask_securely("/api/x", X_Forwarded_Proto="http"), secure.ask_securely("/")
    for answer in (api, page):
        assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert json.loads(api.body)["headers"]["x-forwarded-proto"] == ["https"]


def test_body_of_untold_length_is_refused_over_http_2_too(secure: Edge) -> None:
    headers = ((":method", "POST"), (":scheme", "https"), (":path", "/api/x"), (":authority", "research.example"))
    assert b"Say with Content-Length" in secure.frames(*headers, body=b"x")
    assert b'"body": 1' in secure.frames(*headers, ("content-length", "1"), body=b"x")


def test_health_check_needs_no_tls(secure: Edge) -> None:
    assert secure.running.attempt(*HEALTH_CHECK)[0] == 0


@pytest.mark.parametrize(("version", "code"), [("-tls1_3", 0), ("-tls1_2", 0), ("-tls1_1", 1)])
def test_tls_is_of_this_decade(secure: Edge, version: str, code: int) -> None:
    ask = f"openssl s_client -connect 127.0.0.1:8443 -alpn h2 {version} -cipher ALL:@SECLEVEL=0 < /dev/null"
    assert secure.running.attempt("sh", "-c", ask)[0] == code
