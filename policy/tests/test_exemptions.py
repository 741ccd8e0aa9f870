"""Who is exempt from a rule, and that nobody else is."""

from typing import Any

import pytest

from policy.resource import Resource
from policy.rules import EXEMPTIONS, RULES
from policy.tests.resources import SOCKET, container, told

HELPER = {"image": "sha256:0123", "start": False, "mustRun": False, "networkMode": "none", "uploads": [{"file": "/a"}]}


def test_a_helper_that_is_never_started_is_exempt():
    assert told(Resource("Container", "api-secrets", HELPER)) == []


@pytest.mark.parametrize("change", [{"start": True}, {"mustRun": True}, {"networkMode": "bridge"}, {"uploads": []}])
def test_a_helper_that_might_do_something_is_not(change: dict[str, Any]):
    assert told(Resource("Container", "api-secrets", {**HELPER, **change}))


def test_who_reads_the_engines_socket_may_be_root():
    assert told(container("engine", user="0:0", mounts=[SOCKET])) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("api", {"mounts": [SOCKET]}),
        ("engine", {"mounts": [{**SOCKET, "readOnly": False}]}),
        ("engine", {"mounts": [SOCKET, {**SOCKET, "source": "/etc"}]}),
        ("engine", {"mounts": [SOCKET], "volumes": [{"hostPath": "/etc", "containerPath": "/a"}]}),
        ("engine", {"mounts": [SOCKET], "volumes": [{"fromContainer": "other"}]}),
        ("engine", {"mounts": [{**SOCKET, "source": "/"}]}),
        ("log-collector", {"mounts": [SOCKET]}),
    ],
    ids=[
        "another container",
        "writable",
        "something besides",
        "a volume besides",
        "another's volumes",
        "the whole host",
        "another path",
    ],
)
def test_root_that_sees_anything_else_is_not_exempt(name: str, change: dict[str, Any]):
    sentences = told(container(name, user="0:0", **change))
    assert any("user is 0:0" in one for one in sentences)
    assert any("it sees " in one for one in sentences)


def test_with_hot_reload_a_service_sees_its_own_source_alone():
    source = {"type": "bind", "source": "/checkout/images/api/market_research", "readOnly": True}
    assert told(container("api", mounts=[source])) == []
    for name, other in (("frontend", source), ("api", {**source, "readOnly": False})):
        assert len(told(container(name, mounts=[other]))) == 1


@pytest.mark.parametrize("name", ["api-secrets", "checkout"])
def test_a_volume_is_not_exempt_for_its_name_alone(name: str):
    label = {"label": "pulumi.checkout" if name == "checkout" else "pulumi.secrets", "value": "1"}
    assert told(Resource("Volume", name, {"labels": [label]}, retained=False)) == []
    assert told(Resource("Volume", name, {"labels": []}, retained=False))


def test_every_exemption_is_of_rules_that_there_are_and_says_why():
    for exemption in EXEMPTIONS:
        assert set(exemption.rules) <= {rule.name for rule in RULES}
        assert len(exemption.reason) > 20
