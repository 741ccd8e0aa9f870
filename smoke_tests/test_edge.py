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
    assert page.headers["strict-transport-security"] is None, "whether it came by HTTPS is not for the client to say"
