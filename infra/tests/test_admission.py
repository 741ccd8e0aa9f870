"""What is refused before anything is touched."""

import dataclasses
import socket
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pulumi
import pytest

from infra import ownership, stack
from infra.admission import listening_at
from infra.stack import chosen_settings
from infra.tests.conftest import ROOMY, SETTINGS, WHOLE, WITH_EDGE, Declared, Deploy, FakeEngine, merged
from stacks.passphrase import PUBLISHED
from stacks.settings import StackSettings


def services(**changes: dict[str, object] | None) -> dict[str, object]:
    """The services of the settings, some changed, or left out where the change is None."""
    return merged(SETTINGS["services"], changes)


def refusal(deploy: Deploy, **settings: object) -> str:
    with pytest.raises(pulumi.RunError) as refused:
        deploy(**settings)
    return str(refused.value)


@pytest.fixture
def on_host(engine: FakeEngine):
    def change(**facts: Any) -> None:
        engine.facts = dataclasses.replace(ROOMY, **facts)

    return change


def test_a_limit_for_an_unknown_service_is_refused_with_the_known_ones(deploy: Deploy):
    message = refusal(deploy, services=services(search={"cpus": 1, "memory_mb": 64}))
    beginning = (
        "Pulumi.dev.yaml: services.search: no such service; there are postgres, redis, neo4j, api, frontend, edge"
    )
    assert message.startswith(beginning)


def test_limits_of_those_who_watch_are_refused_where_nobody_does(deploy: Deploy):
    message = refusal(deploy, services=services(zipkin={"cpus": 1, "memory_mb": 400}))
    assert message == (
        "Pulumi.dev.yaml: services.zipkin: it is there only with `monitoring: true`; add that, or remove it"
    )


def test_a_service_without_limits_is_refused(deploy: Deploy):
    assert refusal(deploy, services=services(redis=None)).startswith("Pulumi.dev.yaml: services.redis: missing")


def test_a_limit_below_what_a_service_needs_to_start_is_refused(deploy: Deploy):
    message = refusal(deploy, services=services(neo4j={"memory_mb": 600}))
    assert message.startswith("Pulumi.dev.yaml: services.neo4j.memory_mb: 600 is too little for it to start")


def test_a_port_for_a_service_that_publishes_none_is_refused(deploy: Deploy):
    assert "services.redis.port: it publishes none" in refusal(deploy, services=services(redis={"port": 6379}))


def test_memory_that_does_not_fit_is_refused_with_the_sum(deploy: Deploy, on_host):
    on_host(memory_mb=6000, promised_mb=2000)
    message = refusal(deploy)
    assert "services need 4096 MB of memory and 512 MB more during a deploy" in message
    assert "6000 MB other containers may use 2000 MB: 4000 MB are left" in message


def test_memory_that_just_fits_is_taken(deploy: Deploy, on_host):
    on_host(memory_mb=4096 + 512)
    assert deploy().containers()


def test_a_disk_that_is_too_full_is_refused(deploy: Deploy, on_host):
    on_host(free_disk_gb=3.2)
    assert "free_disk_gb asks for 4 GB, but the engine's disk has 3.2 GB free" in refusal(deploy)


def test_a_disk_that_cannot_be_seen_from_here_is_no_reason_to_refuse(deploy: Deploy, on_host):
    on_host(free_disk_gb=None)
    assert deploy().containers()


def test_a_taken_port_is_refused_with_who_has_it(deploy: Deploy, on_host):
    on_host(ports={8080: "container web-1"})
    assert "services.frontend.port: 8080 is taken by container web-1" in refusal(deploy)


def test_more_cpus_than_the_host_has_are_cut_not_refused(deploy: Deploy, on_host):
    on_host(cpus=1)
    assert deploy(services=services(neo4j={"cpus": 3})).containers()["neo4j"]["cpus"] == "1"


def test_every_problem_is_told_at_once(deploy: Deploy, on_host):
    on_host(memory_mb=100, free_disk_gb=0.1, ports={8080: "container web-1"})
    assert len(refusal(deploy).splitlines()) == 3


def test_nothing_is_declared_when_the_stack_is_refused(deploy: Deploy, engine: FakeEngine, on_host, monkeypatch):
    on_host(memory_mb=1)
    seen: list[Declared] = []

    def remembered() -> Declared:
        seen.append(Declared())
        return seen[0]

    monkeypatch.setattr("infra.tests.conftest.Declared", remembered)
    refusal(deploy)
    assert not seen[0].of("Container")
    assert not seen[0].of("Image")


def test_a_public_address_under_the_published_passphrase_is_refused(deploy: Deploy, monkeypatch):
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE", raising=False)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(PUBLISHED))
    message = refusal(deploy, bind_address=IPv4Address("0.0.0.0"))
    assert "`pulumi stack change-secrets-provider passphrase --stack dev`" in message


def test_a_public_address_under_a_passphrase_of_ones_own_is_taken(deploy: Deploy, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "of my own")
    assert deploy(bind_address=IPv4Address("0.0.0.0")).containers()["frontend"]["ports"][0]["ip"] == "0.0.0.0"


def checkout(folder: Path) -> str:
    folder.mkdir()
    (folder / "Pulumi.yaml").touch()
    return ownership.checkout_mark(folder)


def claim(declared: Declared) -> str:
    labels = declared.of("Volume")["checkout"]["labels"]
    return next(str(one["value"]) for one in labels if one["label"] == ownership.CHECKOUT_LABEL)


def test_a_second_checkout_on_the_same_host_is_told_the_name_of_the_first(
    deploy: Deploy, engine: FakeEngine, tmp_path: Path
):
    engine.checkouts = [checkout(tmp_path / "first")]
    assert f"brought up from the checkout {tmp_path / 'first'}" in refusal(deploy)


def test_a_checkout_that_is_gone_does_not_stand_in_the_way(deploy: Deploy, engine: FakeEngine, tmp_path: Path):
    engine.checkouts = [ownership.checkout_mark(tmp_path / "gone")]
    assert claim(deploy()) == ownership.checkout_mark(stack.CHECKOUT)


def test_a_checkout_on_another_host_may_deploy_the_same_stack_and_changes_nothing_by_looking(
    deploy: Deploy, engine: FakeEngine, tmp_path: Path, monkeypatch
):
    engine.checkouts = [checkout(tmp_path / "first")]
    monkeypatch.setattr(socket, "gethostname", lambda: "another")
    assert claim(deploy()) == engine.checkouts[0]


def container(installation: str) -> dict[str, object]:
    labels = {"pulumi.project": "market-research", "pulumi.stack": "dev", ownership.INSTALLATION_LABEL: installation}
    return {"Names": [f"/dev-api-{installation}"], "Labels": labels, "Ports": []}


def test_containers_that_the_state_does_not_know_are_named_with_the_way_back(deploy: Deploy, engine: FakeEngine):
    engine.known = [container("another"), container("1234abcd")]
    message = refusal(deploy)
    assert "this Pulumi state does not know: dev-api-another." in message
    assert "docker ps -aq --filter label=pulumi.project=market-research --filter label=pulumi.stack=dev" in message


def test_containers_that_the_state_knows_are_its_own(deploy: Deploy, engine: FakeEngine):
    engine.known = [container("1234abcd")]
    assert deploy().containers()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"edge": {"https_port": 8080}}, "edge.https_port: 8080 is services.edge.port already"),
        ({"monitoring": {"port": 8080}}, "monitoring.port: 8080 is services.edge.port already"),
        (
            {"edge": {"https_port": 3000}, "monitoring": {"port": 3000}},
            "monitoring.port: 3000 is edge.https_port already",
        ),
    ],
)
def test_one_port_for_two_keys_is_refused(deploy: Deploy, changes: dict[str, object], told: str):
    assert f"Pulumi.dev.yaml: {told}" in refusal(deploy, **{**WITH_EDGE, **changes})


def test_a_taken_port_of_the_dashboards_is_refused(deploy: Deploy, on_host):
    on_host(ports={3000: "container grafana"})
    assert "monitoring.port: 3000 is taken by container grafana" in refusal(deploy, **WHOLE)


def test_the_dashboards_are_looked_for_on_this_host_alone():
    settings = StackSettings.model_validate({**SETTINGS, **WHOLE, "bind_address": IPv4Address("10.0.0.1")})
    assert listening_at(settings) == {8080: IPv4Address("10.0.0.1"), 3000: IPv4Address("127.0.0.1")}


def test_an_engine_that_only_a_plugin_would_know_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pulumi.runtime, "get_config_env", lambda: {"docker:host": "ssh://host"})
    with pytest.raises(pulumi.RunError, match=r"docker:host is known to one plugin alone.*set DOCKER_HOST"):
        chosen_settings()
