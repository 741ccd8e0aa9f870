"""A stack with an edge: who is reached through whom, and what replaces what in which order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pulumi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from infra.certificate import certificate_problems
from infra.tests.conftest import WITH_EDGE, Declared, Deploy, FakeEngine, merged

LABELS = {"pulumi.project": "market-research", "pulumi.stack": "dev", "pulumi.installation": "1234abcd"}


def with_services(**changes: dict[str, object] | None) -> dict[str, Any]:
    """The settings with an edge, services changed, or left out where the change is None."""
    return {**WITH_EDGE, "services": merged(WITH_EDGE["services"], changes)}


def running(service: str, port: int | None = None) -> dict[str, Any]:
    """A container of the stack as the engine lists it."""
    ports = [{"PublicPort": port, "Type": "tcp"}] if port else []
    return {"Id": "1", "Names": [f"/{service}"], "Labels": {**LABELS, "pulumi.service": service}, "Ports": ports}


def certificate(*, days: int = 90, since: int = -1, another_key: bool = False) -> str:
    """A certificate with its key, good from `since` days from now for so many days."""
    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "research.example")])
    begins = datetime.now(UTC) + timedelta(days=since)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, begins + timedelta(days=days))
    signed = builder.sign(key, hashes.SHA256())
    shown = (other if another_key else key).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (signed.public_bytes(Encoding.PEM) + shown).decode()


def test_only_the_edge_is_published(with_edge: Declared):
    published = {name: it["ports"] for name, it in with_edge.containers().items() if it.get("ports")}
    assert published == {"edge": [{"internal": 8080, "external": 8080, "ip": "127.0.0.1"}]}


def test_people_come_in_by_the_edge_alone(with_edge: Declared):
    networks = {name: {one["name"] for one in it["networksAdvanced"]} for name, it in with_edge.containers().items()}
    assert {name for name, found in networks.items() if "docker-edge" in found} == {"edge"}
    assert networks["edge"] == {"docker-app", "docker-edge"}
    assert networks["frontend"] == {"docker-app"}


def test_the_edge_is_told_where_to_send_requests_and_how_many(with_edge: Declared):
    envs = set(with_edge.containers()["edge"]["envs"])
    assert {"API_ADDRESS=api:8000", "FRONTEND_ADDRESS=frontend:8080", "RATE_LIMIT=500", "LOGIN_RATE_LIMIT=50"} <= envs


def test_what_stands_behind_the_edge_starts_before_its_predecessor_stops(with_edge: Declared):
    first = {name: with_edge.options("Container", name).deleteBeforeReplace for name in with_edge.containers()}
    stop_first = dict.fromkeys(("postgres", "redis", "neo4j", "edge", "migration"), True)
    assert first == {**stop_first, "api": False, "frontend": False}


def test_a_frontend_that_still_holds_the_port_goes_before_the_edge_takes_it(engine: FakeEngine, deploy: Deploy):
    engine.known = [running("frontend", 8080), running("api")]
    declared = deploy(**WITH_EDGE)
    assert declared.options("Container", "frontend").deleteBeforeReplace
    assert not declared.options("Container", "api").deleteBeforeReplace


def test_an_edge_that_is_taken_out_must_not_hold_the_port_of_its_successor(engine: FakeEngine, deploy: Deploy):
    engine.known = [running("edge", 8080)]
    with pytest.raises(pulumi.RunError, match=r"services\.frontend\.port: 8080 is held by this stack's edge"):
        deploy()


def test_replicas_are_alike_but_for_their_names(deploy: Deploy):
    containers = deploy(**with_services(api={"replicas": 3})).containers()
    assert containers["api"] == containers["api-2"] == containers["api-3"]
    assert "api-4" not in containers


def test_replicas_without_an_edge_are_refused(deploy: Deploy):
    services = with_services(api={"replicas": 2}, frontend={"port": 8080}, edge=None)["services"]
    with pytest.raises(pulumi.RunError, match=r"services\.api\.replicas: several need an edge before them"):
        deploy(services=services)


def test_replicas_of_a_store_are_refused(deploy: Deploy):
    with pytest.raises(
        pulumi.RunError, match=r"services\.redis\.replicas: of redis there is one; api and frontend can"
    ):
        deploy(**with_services(redis={"replicas": 2}))


def test_a_port_of_the_frontend_behind_the_edge_is_refused(deploy: Deploy):
    with pytest.raises(pulumi.RunError, match=r"people come in by services\.edge\.port"):
        deploy(**with_services(frontend={"port": 8081}))


def test_settings_for_an_edge_that_is_not_there_are_refused(deploy: Deploy):
    with pytest.raises(pulumi.RunError, match=r"edge: there is none that could be set up; add services\.edge"):
        deploy(edge={"rate_limit": 10})


def test_the_memory_of_two_versions_must_fit(engine: FakeEngine, deploy: Deploy):
    engine.facts = type(engine.facts)(cpus=8, memory_mb=5000, promised_mb=0, free_disk_gb=None)
    with pytest.raises(pulumi.RunError, match="need 4736 MB of memory and 1280 MB more during a deploy"):
        deploy(**with_services(api={"replicas": 2}))


def test_https_is_published_beside_http_with_a_certificate_of_the_edges_own(deploy: Deploy):
    edge = deploy(**{**WITH_EDGE, "edge": {"https_port": 8443, "hostname": "research.test"}}).containers()["edge"]
    assert {(port["internal"], port["external"]) for port in edge["ports"]} == {(8080, 8080), (8443, 8443)}
    assert {"HTTPS_PORT=8443", "TLS_HOSTNAME=research.test"} <= set(edge["envs"])


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch):
    """Puts a certificate into the stack's configuration."""

    def put(pem: str) -> None:
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "my own")
        pulumi.runtime.set_all_config({"market-research:tls_certificate": pem}, ["market-research:tls_certificate"])

    yield put
    pulumi.runtime.set_all_config({})


def test_a_given_certificate_is_a_secret_file_of_the_edge_alone(deploy: Deploy, given):
    given(certificate())
    declared = deploy(**{**WITH_EDGE, "edge": {"https_port": 443}})
    holders = [name for name, it in declared.of("Container").items() if "PRIVATE KEY" in str(it)]
    assert holders == ["edge-secrets"]
    assert "TLS_CERTIFICATE=/run/secrets/tls_certificate" in declared.containers()["edge"]["envs"]


def test_an_expired_certificate_is_refused_before_anything_is_touched(deploy: Deploy, given):
    given(certificate(since=-10, days=9))
    with pytest.raises(pulumi.RunError, match=r"Pulumi\.dev\.yaml: tls_certificate: it expired on"):
        deploy(**{**WITH_EDGE, "edge": {"https_port": 443}})


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        ("", "it is not one PEM text"),
        (certificate().partition("-----BEGIN PRIVATE")[0], "it is not one PEM text"),
        (certificate(another_key=True), "its private key is not its first certificate's"),
        (certificate(since=2), "it is good from"),
    ],
)
def test_a_certificate_that_cannot_be_served_is_refused_without_a_word_of_its_key(pem: str, reason: str):
    (problem,) = certificate_problems(pem)
    assert problem.startswith(reason)
    assert "BEGIN" not in problem


def test_a_good_certificate_is_taken_wherever_its_key_stands():
    pem = certificate()
    first, mark, key = pem.partition("-----BEGIN PRIVATE")
    assert list(certificate_problems(pem)) == list(certificate_problems(mark + key + first)) == []


def test_a_stack_says_where_people_come_in_and_who_vouches_for_it(deploy: Deploy):
    own = deploy(**{**WITH_EDGE, "edge": {"https_port": 8443, "hostname": "research.test"}}).outputs
    assert own["url"] == "https://research.test:8443"
    assert own["authority"] == "/var/lib/edge/ca.pem"
    assert own["services"]["edge"]["published"] == ["127.0.0.1:8080", "127.0.0.1:8443"]
    assert own["services"]["frontend"]["published"] == []


def test_without_tls_nobody_vouches_for_a_stack(with_edge: Declared):
    assert with_edge.outputs["authority"] is None
