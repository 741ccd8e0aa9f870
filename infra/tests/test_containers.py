"""Rules that hold for every container of the platform."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest

from infra.limits import most_processes
from infra.market_research import SERVICES
from infra.service import Service
from infra.services.api import OTHERS_CONNECTIONS, WATCHING_CONNECTIONS, pool_size, worker_count
from infra.services.postgres import connections
from infra.tests.conftest import PASSWORDS, SECRET, SETTINGS, WHOLE, Declared, Deploy, FakeEngine
from stacks.passphrase import PUBLISHED
from stacks.settings import ServiceSettings, StackSettings

READ_THE_HOST = {"engine", "backup-engine", "log-collector"}
"""What these read is root's: they are root without any capability."""
BY_NAME = {service.name: service for service in SERVICES}


@pytest.fixture
def containers(declared: Declared) -> dict[str, dict[str, Any]]:
    return declared.containers()


@pytest.fixture
def all_containers(whole: Declared) -> dict[str, dict[str, Any]]:
    """Those of a stack that leaves out nothing."""
    return whole.containers()


def test_there_are_five_services_and_one_job(containers):
    assert set(containers) == {"postgres", "redis", "neo4j", "api", "frontend", "migration"}


@pytest.mark.parametrize("name", [*BY_NAME, "migration"])
def test_a_container_can_do_no_more_than_it_needs(all_containers, name: str):
    container = all_containers[name]
    assert container["readOnly"] is True
    assert container["capabilities"] == {"drops": ["ALL"]}
    assert container["securityOpts"] == ["no-new-privileges:true"]
    assert container["init"] is True
    uid, gid = container["user"].split(":")
    if name not in READ_THE_HOST:
        assert int(uid) > 0
        assert int(gid) > 0
        assert not container.get("mounts")
    assert all("noexec" in options and "nosuid" in options for options in container["tmpfs"].values())


@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_service_gets_its_limits_and_no_swap(all_containers, name: str):
    chosen = StackSettings.model_validate({**SETTINGS, **WHOLE}).services[name]
    container = all_containers[name]
    assert container["memory"] == container["memorySwap"] == chosen.memory_mb
    assert float(container["cpus"]) == chosen.cpus


def test_whatever_runs_longer_than_a_migration_has_a_limit_of_processes(deploy: Deploy, engine: FakeEngine):
    started = [name for name in deploy(**WHOLE).containers() if name != "migration"]
    assert engine.most_processes.keys() == {f"id-of-{name}" for name in started}
    assert engine.most_processes["id-of-postgres"] == 96 + SETTINGS["services"]["postgres"]["memory_mb"] // 8


def test_a_preview_limits_nothing(deploy: Deploy, engine: FakeEngine):
    deploy(preview=True)
    assert not engine.most_processes


@pytest.mark.parametrize("memory", [256, 1024, 4096, 65536])
def test_postgres_may_have_a_process_for_each_connection_and_its_own(memory: int):
    limits = ServiceSettings(cpus=1, memory_mb=memory)
    assert most_processes(limits) > connections(limits) + 50


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_restarts_logs_with_rotation_and_stops_in_its_own_time(all_containers, service: type[Service]):
    container = all_containers[service.name]
    assert container["restart"] == "unless-stopped"
    assert container["logDriver"] == "json-file"
    labels = "pulumi.project,pulumi.stack,pulumi.service"
    assert container["logOpts"] == {"max-size": "10m", "max-file": "3", "labels": labels}
    assert container["destroyGraceSeconds"] == container["stopTimeout"] == service.grace_seconds
    assert container["healthcheck"]["tests"] == list(service.health_check.command)


@pytest.mark.parametrize("store", [service for service in SERVICES if service.credential_file])
def test_a_store_has_a_minute_to_stop(store: type[Service]):
    assert store.grace_seconds >= 60


@pytest.mark.parametrize("service", [service for service in SERVICES if service.data_path])
def test_what_keeps_data_has_a_volume_that_outlives_the_stack(whole: Declared, service: type[Service]):
    volume = f"market-research-dev-{service.name}"
    assert whole.options("Volume", f"{service.name}-data").retainOnDelete
    mounts = whole.containers()[service.name]["volumes"]
    assert {"volumeName": volume, "containerPath": service.data_path} in mounts


def test_a_job_ends_and_does_not_come_back(containers):
    job = containers["migration"]
    assert (job["restart"], job["mustRun"], job["attach"]) == ("no", False, True)
    assert "healthcheck" not in job


def test_only_the_frontend_is_published_and_only_on_loopback(containers):
    published = {name: container["ports"] for name, container in containers.items() if container.get("ports")}
    assert published == {"frontend": [{"internal": 8080, "external": 8080, "ip": "127.0.0.1"}]}


def test_the_frontend_shares_no_network_with_a_store(containers):
    networks = {name: {one["name"] for one in it["networksAdvanced"]} for name, it in containers.items()}
    for store in ("postgres", "redis", "neo4j"):
        assert networks[store] == {"docker-data"}
    assert networks["frontend"] == {"docker-edge", "docker-app"}
    assert networks["api"] == {"docker-app", "docker-data", "docker-egress"}


def test_the_networks_of_stores_have_no_way_out(declared: Declared):
    internal = {name: inputs["internal"] for name, inputs in declared.of("Network").items() if "internal" in inputs}
    assert internal == {"edge": False, "app": True, "data": True, "egress": False}


def test_every_network_alias_is_the_name_of_the_service(containers):
    for name, container in containers.items():
        assert {tuple(one["aliases"]) for one in container["networksAdvanced"]} == {(name,)}


def test_no_secret_is_in_what_docker_inspect_shows(containers):
    for name, container in containers.items():
        shown = json.dumps({key: container.get(key) for key in ("envs", "command", "labels", "healthcheck")})
        assert "password-of-" not in shown, name


def test_secret_files_are_marked_secret_and_read_only(declared: Declared):
    helpers = {name: it for name, it in declared.of("Container").items() if name.endswith("-secrets")}
    assert set(helpers) == {"postgres-secrets", "redis-secrets", "neo4j-secrets", "api-secrets", "migration-secrets"}
    for helper in helpers.values():
        assert (helper["start"], helper["mustRun"], helper["networkMode"]) == (False, False, "none")
        assert SECRET.items() <= helper["uploads"].items()
        assert {upload["permissions"] for upload in helper["uploads"]["value"]} == {"0444"}
    for name in ("postgres", "redis", "neo4j", "api", "migration"):
        mount = {"volumeName": f"docker-{name}-secrets", "containerPath": "/run/secrets", "readOnly": True}
        assert mount in declared.containers()[name]["volumes"]


def test_other_secrets_make_another_volume_and_say_nothing_of_themselves(whole: Declared):
    triggers = [
        str(whole.options("Volume", f"{name}-secrets").replacement_trigger)
        for name in ("api", "migration", "postgres-exporter", "redis-exporter")
    ]
    assert len(set(triggers)) == len(triggers)
    assert not any("password-of-" in trigger for trigger in triggers)


def test_who_does_not_know_the_key_cannot_try_out_a_password(declared: Declared, deploy: Deploy, monkeypatch):
    seen = str(declared.options("Volume", "api-secrets").replacement_trigger)
    monkeypatch.setitem(PASSWORDS, "fingerprints", "another")
    assert str(deploy().options("Volume", "api-secrets").replacement_trigger) != seen


def test_the_api_does_not_get_the_superusers_password(declared: Declared):
    helpers = declared.of("Container")
    files = {upload["file"] for upload in helpers["api-secrets"]["uploads"]["value"]}
    assert files == {f"/run/secrets/{store}_password" for store in ("postgres", "redis", "neo4j")}


def test_the_api_asks_the_language_model_that_the_stack_names(deploy: Deploy):
    llm = {"url": "https://llm.example/v1", "model": "small", "embedding_model": "near"}
    envs = deploy(llm=llm).containers()["api"]["envs"]
    assert {"LLM_URL=https://llm.example/v1", "LLM_MODEL=small", "EMBEDDING_MODEL=near"} <= set(envs)
    assert not [line for line in envs if line.startswith("LLM_PRIVATE")]
    assert "LLM_PRIVATE=true" in deploy(llm={**llm, "private": True}).containers()["api"]["envs"]


def test_without_one_it_is_told_of_none(containers):
    assert not [line for line in containers["api"]["envs"] if line.startswith(("LLM", "EMBEDDING"))]


@pytest.fixture
def llm_api_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Puts the key into the stack's configuration, encrypted or not, with a passphrase of one's own or another."""

    def put(*, encrypted: bool, passphrase: str = "my own") -> None:
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", passphrase)
        key = "market-research:llm_api_key"
        pulumi.runtime.set_all_config({key: "key-of-the-llm"}, [key] if encrypted else [])

    yield put
    pulumi.runtime.set_all_config({})


def test_its_key_is_a_secret_file_of_the_api_alone(deploy: Deploy, llm_api_key: Callable[..., None]):
    llm_api_key(encrypted=True)
    helpers = deploy().of("Container")
    with_key = [name for name, it in helpers.items() if "key-of-the-llm" in json.dumps(it)]
    assert with_key == ["api-secrets"]
    files = {upload["file"] for upload in helpers["api-secrets"]["uploads"]["value"]}
    assert "/run/secrets/llm_api_key" in files


def test_a_key_in_clear_is_refused_with_the_command_that_encrypts_it(deploy: Deploy, llm_api_key: Callable[..., None]):
    llm_api_key(encrypted=False)
    with pytest.raises(pulumi.RunError, match="pulumi config set --secret llm_api_key --stack dev"):
        deploy()


def test_a_key_under_the_published_passphrase_is_refused(deploy: Deploy, llm_api_key: Callable[..., None]):
    llm_api_key(encrypted=True, passphrase=PUBLISHED.read_text())
    with pytest.raises(pulumi.RunError, match="pulumi stack change-secrets-provider passphrase --stack dev"):
        deploy()


@pytest.mark.parametrize(
    ("connections", "cpus", "memory", "replicas"),
    [(51, 1, 512, 1), (100, 2, 1536, 1), (20, 4, 8192, 1), (100, 16, 9999, 1), (51, 1, 512, 2), (100, 2, 1536, 4)],
)
def test_two_versions_of_the_api_fit_into_the_connections(connections: int, cpus: int, memory: int, replicas: int):
    workers = worker_count(ServiceSettings(cpus=cpus, memory_mb=memory, replicas=replicas), connections)
    size = pool_size(connections, workers * replicas)
    assert 1 <= workers <= cpus
    assert size >= 1
    assert OTHERS_CONNECTIONS + 2 * workers * replicas * (size + WATCHING_CONNECTIONS) <= connections


@pytest.mark.parametrize("name", ["postgres", "redis", "neo4j", "api", "frontend", "migration"])
def test_without_an_edge_a_container_is_replaced_stop_first_and_when_the_engine_would_not_apply_a_change(
    declared: Declared, name: str
):
    options = declared.options("Container", name)
    assert options.deleteBeforeReplace
    assert set(options.replaceOnChanges) == {"tmpfs", "init", "healthcheck", "cpus"}


def test_every_resource_has_a_parent(declared: Declared):
    for (kind, name), request in declared.requests.items():
        assert request.parent or kind in ("pulumi:pulumi:Stack", "market-research:infra:Stack"), (kind, name)


def test_every_container_network_and_volume_says_whose_it_is(declared: Declared):
    for kind in ("Container", "Network", "Volume"):
        for name, inputs in declared.of(kind).items():
            labels = {one["label"]: one["value"] for one in inputs["labels"]}
            assert labels["pulumi.project"] == "market-research", name
            assert labels["pulumi.stack"] == "dev", name
