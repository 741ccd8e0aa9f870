"""Without a certificate of its own a stack's name is vouched for by a CA that stays in the edge's volume."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from images.tests.edge_stand import Edge, Stand
from images.tests.engine import Engine

pytestmark = pytest.mark.docker

AUTHORITY = "/var/lib/edge/ca.pem"


@contextmanager
def named(behind_edge: Stand, name: str, volume: str) -> Iterator[Edge]:
    volumes = {volume: {"bind": "/var/lib/edge", "mode": "rw"}}
    with behind_edge.edge(environment={"TLS_HOSTNAME": name}, volumes=volumes) as edge:
        yield edge


def trusted(edge: Edge, authority: str, name: str) -> bool:
    """Whether a client that trusts this CA takes the edge for `name`."""
    context = ssl.create_default_context(cadata=authority)
    try:
        with socket.create_connection((edge.address, 8443), 5) as line, context.wrap_socket(line, server_hostname=name):
            return True
    except ssl.SSLCertVerificationError:
        return False


@pytest.mark.parametrize("name", ["research.test", "127.0.0.1"])
def test_who_trusts_the_ca_trusts_the_name_and_no_other(behind_edge: Stand, engine: Engine, name: str) -> None:
    with engine.volume() as volume, named(behind_edge, name, volume) as edge:
        authority = edge.running.exec("cat", AUTHORITY)
        assert trusted(edge, authority, name)
        assert not trusted(edge, authority, "elsewhere.test")


def test_it_binds_no_browser_to_https_for_a_name_that_it_vouches_for_itself(behind_edge: Stand, engine: Engine) -> None:
    with engine.volume() as volume, named(behind_edge, "localhost", volume) as edge:
        headers = edge.ask_securely("/edge").headers
    assert "strict-transport-security" not in headers, "every other program on localhost would be out of reach"


def test_the_ca_outlives_its_edge(behind_edge: Stand, engine: Engine) -> None:
    with engine.volume() as volume:
        with named(behind_edge, "research.test", volume) as edge:
            before = edge.running.exec("cat", AUTHORITY)
        with named(behind_edge, "other.test", volume) as edge:
            assert trusted(edge, before, "other.test")


def test_its_key_is_for_the_edge_alone(behind_edge: Stand, engine: Engine) -> None:
    with engine.volume() as volume, named(behind_edge, "research.test", volume) as edge:
        code, _ = edge.running.attempt("cat", f"{AUTHORITY}.key", user="1000:1000")
        assert code != 0


def test_without_a_volume_it_says_what_to_mount(engine: Engine, image: Callable[[str], str]) -> None:
    settings = {"API_ADDRESS": "api:8000", "FRONTEND_ADDRESS": "frontend:8080", "TLS_HOSTNAME": "research.test"}
    with engine.run(image("edge"), environment=settings, read_only=True, tmpfs={"/tmp": "uid=99"}) as refused:
        assert refused.exit_code() == 73
        assert "mount a volume at /var/lib/edge" in refused.logs()
