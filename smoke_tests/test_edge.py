"""The edge, of stacks that have one: what it sends where, and what it tells nobody."""

import re

import pytest

from smoke_tests.deployment import Deployment
from smoke_tests.tunnel import Tunnel
from smoke_tests.website import Page, Website

METRICS_PORT = 8404


@pytest.fixture(scope="module", autouse=True)
def edge(deployment: Deployment) -> None:
    if "edge" not in deployment.outputs.services:
        pytest.skip("this stack has no edge: its frontend is published")


@pytest.fixture(scope="module")
def metrics(deployment: Deployment) -> Page:
    with deployment.beside("edge") as guest, Tunnel(guest) as tunnel:
        return Website(tunnel, f"http://127.0.0.1:{METRICS_PORT}").get("/metrics")


@pytest.mark.parametrize("behind", ["api", "frontend"])
def test_it_finds_every_replica_healthy(deployment: Deployment, metrics: Page, behind: str) -> None:
    pattern = rf'haproxy_server_status{{proxy="{behind}",server="[^"]+",state="UP"}} 1'
    replicas = len(deployment.outputs.services[behind].containers)
    assert len(re.findall(pattern, metrics.text)) == replicas, f"the edge must send requests to every {behind}"


def test_its_metrics_are_none_of_the_publics_business(website: Website) -> None:
    page = website.get("/metrics")
    assert "haproxy" not in page.text, "metrics are for the networks inside"


def test_every_answer_carries_the_headers_that_browsers_heed(website: Website) -> None:
    for path in ("/", "/health"):
        headers = website.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", f"{path} must not be taken for another type"
        assert "frame-ancestors 'none'" in headers["content-security-policy"], f"{path} must not be framed"
        assert headers["server"] is None, f"{path} must not say what serves it"


def test_a_client_cannot_choose_the_address_that_it_is_known_by(website: Website) -> None:
    page = website.ask("GET", "/health", headers={"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.1"})
    assert page.status == 200
    if not website.is_secure:
        assert page.headers["strict-transport-security"] is None, "how it came is not for the client to say"


def test_a_name_whose_certificate_it_signed_itself_is_not_bound_to_https(
    deployment: Deployment, website: Website
) -> None:
    if deployment.outputs.authority is None:
        pytest.skip("this stack signs no certificate")
    page = website.get("/health")
    assert page.headers["strict-transport-security"] is None, "browsers would refuse whatever else has this name"


def test_people_who_come_by_http_are_led_to_https(deployment: Deployment, website: Website) -> None:
    if not website.is_secure:
        pytest.skip("this stack speaks no HTTPS")
    host, _, https_port = deployment.entrance_address.rpartition(":")
    ports = {one.rpartition(":")[2] for one in deployment.outputs.services["edge"].published}
    (http_port,) = ports - {https_port}
    page = Website(website.tunnel, f"http://{host}:{http_port}").get("/projects?x=1")
    assert page.status == 308
    assert page.headers["location"].startswith("https://"), page.headers["location"]
    assert page.headers["location"].endswith("/projects?x=1"), "the way must not be lost"
