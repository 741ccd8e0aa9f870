"""The program complies with the policy: whatever a stack chooses, no rule finds anything."""

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Any

import pytest

from infra.services import edge
from infra.tests.conftest import ROOMY, WITH_EDGE, Declared, Deploy, FakeEngine, declare
from policy import checks
from policy.resource import Resource, Stack, ruled
from policy.rules import violations

EDGE = {"rate_limit": 500, "https_port": 8443, "hostname": "research.example.com"}


def resources(declared: Declared) -> Iterator[Resource]:
    for (kind, name), inputs in declared.inputs.items():
        if found := ruled(kind):
            yield Resource(found, name, inputs, bool(declared.requests[kind, name].retainOnDelete))


def told(declared: Declared, *, for_evaluation: bool) -> list[str]:
    stack = Stack("dev", for_evaluation=for_evaluation)
    return [sentence for resource in resources(declared) for sentence in violations(resource, stack)]


def test_a_stack_that_leaves_out_nothing_breaks_no_rule(whole: Declared):
    kinds = [resource.kind for resource in resources(whole)]
    assert min(kinds.count(kind) for kind in ("Container", "Volume", "Image")) > 10
    assert told(whole, for_evaluation=True) == []


def test_a_stack_without_any_of_it_breaks_none_either(declared: Declared):
    assert told(declared, for_evaluation=True) == []


def test_a_stack_with_hot_reload_breaks_none_either():
    reloading = declare(FakeEngine(ROOMY), {"hot_reload": True}, exit_code=0, preview=False)
    assert told(reloading, for_evaluation=True) == []


def test_the_policy_knows_where_the_edge_listens():
    assert (edge.HTTPS_PORT, edge.Edge.port) == (checks.INNER_HTTPS, checks.INNER_HTTP)


@pytest.fixture
def own_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase of one's own")


@pytest.mark.usefixtures("own_passphrase")
def test_a_public_stack_breaks_none_once_its_edge_speaks_tls(deploy: Deploy):
    public: dict[str, Any] = {"bind_address": IPv4Address("0.0.0.0"), "services": WITH_EDGE["services"]}
    assert told(deploy(**public, edge=EDGE), for_evaluation=False) == []
    (sentence,) = told(deploy(**public, edge={"rate_limit": 500}), for_evaluation=False)
    assert "container edge: port 8080 listens on 0.0.0.0 without TLS" in sentence
