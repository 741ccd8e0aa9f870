from pathlib import Path
from typing import Any

import pytest

from bench.deploys.compose_file import Network, Running, compose_file

SECOND = 10**9
NETWORKS = {"stack-app-1": Network("app", internal=True), "stack-edge-1": Network("edge", internal=False)}


def running(**changes: Any) -> Running:
    """A container as Docker tells of it."""
    config = {
        "Cmd": ["serve"],
        "Env": ["COLOUR=red", "PATH=/bin"],
        "User": "101:101",
        "StopTimeout": 30,
        "Healthcheck": {
            "Test": ["CMD-SHELL", "test $(id -u) = 101"],
            "Interval": 2 * SECOND,
            "Timeout": 5 * SECOND,
            "StartPeriod": 30 * SECOND,
            "Retries": 5,
        },
    }
    host = {
        "Init": True,
        "RestartPolicy": {"Name": "unless-stopped"},
        "NanoCpus": SECOND // 2,
        "Memory": 1024,
        "MemorySwap": 1024,
        "ShmSize": 64,
        "ReadonlyRootfs": True,
        "Tmpfs": {"/tmp": "rw,size=64m"},
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true"],
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m"}},
    }
    facts = {
        "Config": {**config, **changes},
        "HostConfig": host,
        "Mounts": [
            {"Type": "volume", "Name": "stack-data", "Destination": "/data", "RW": True},
            {"Type": "volume", "Name": "stack-secrets", "Destination": "/run/secrets", "RW": False},
        ],
        "NetworkSettings": {"Networks": {"stack-app-1": {}}},
    }
    return Running(facts, of_the_image=frozenset({"PATH=/bin"}), secrets={"password": Path("/safe/password")})


@pytest.fixture
def written() -> dict[str, Any]:
    names = ("api", "migration", "frontend")
    return compose_file("peer", {name: running() for name in names}, NETWORKS, port=18080)


def test_limits_and_hardening_are_those_of_our_container(written: dict[str, Any]) -> None:
    api = written["services"]["api"]
    assert (api["cpus"], api["mem_limit"], api["memswap_limit"]) == (0.5, 1024, 1024)
    assert (api["read_only"], api["user"], api["cap_drop"]) == (True, "101:101", ["ALL"])
    assert api["tmpfs"] == ["/tmp:rw,size=64m"]
    assert (api["stop_grace_period"], api["restart"], api["init"]) == ("30s", "unless-stopped", True)


def test_the_environment_is_ours_without_what_the_image_sets(written: dict[str, Any]) -> None:
    assert written["services"]["api"]["environment"] == ["COLOUR=red"]


def test_the_health_check_is_ours_and_its_dollar_signs_are_no_variables_of_compose(written: dict[str, Any]) -> None:
    assert written["services"]["api"]["healthcheck"] == {
        "test": ["CMD-SHELL", "test $$(id -u) = 101"],
        "interval": "2s",
        "timeout": "5s",
        "start_period": "30s",
        "retries": 5,
    }


def test_secrets_are_files_and_data_is_a_volume(written: dict[str, Any]) -> None:
    api = written["services"]["api"]
    assert api["secrets"] == [{"source": "api-password", "target": "password"}]
    assert written["secrets"]["api-password"] == {"file": "/safe/password"}
    assert api["volumes"] == ["api:/data"]
    assert "api" in written["volumes"]


def test_the_migration_runs_in_the_apis_image_and_the_api_waits_for_its_end(written: dict[str, Any]) -> None:
    api, migration = written["services"]["api"], written["services"]["migration"]
    assert (api["build"], api["image"]) == ("images/api", "peer-api")
    assert "build" not in migration
    assert migration["image"] == "peer-api"
    assert api["depends_on"] == {"migration": {"condition": "service_completed_successfully"}}


def test_only_the_frontend_is_published_on_this_machine_and_has_a_network_for_it(written: dict[str, Any]) -> None:
    frontend = written["services"]["frontend"]
    assert frontend["ports"] == ["127.0.0.1:18080:8080"]
    assert frontend["networks"] == ["app", "edge"]
    assert written["services"]["api"]["networks"] == ["app"]
    assert written["networks"] == {"app": {"internal": True}, "edge": {"internal": False}}
