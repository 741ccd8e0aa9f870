"""A stack that is watched: who sees whom, and what the files of those who watch say."""

from ipaddress import IPv4Address
from typing import Any

import pytest
import yaml

from infra.tests.conftest import SETTINGS, WITH_EDGE, Declared, Deploy, networks
from stacks.monitoring import MONITORING_LIMITS


def file(declared: Declared, service: str, name: str) -> Any:
    """A configuration file, read back."""
    uploads = declared.of("Container")[f"{service}-configuration"]["uploads"]
    text = next(one["content"] for one in uploads if one["file"] == f"/run/configuration/{name}")
    return yaml.safe_load(text)


def reached(declared: Declared) -> dict[str, set[str]]:
    """The networks of those that run."""
    running = {name: it for name, it in declared.containers().items() if it.get("start") is not False}
    return {name: networks(it) for name, it in running.items()}


def test_without_the_setting_nobody_watches(declared: Declared):
    assert not MONITORING_LIMITS.keys() & declared.containers().keys()


def test_with_it_everybody_is_there(whole: Declared):
    assert MONITORING_LIMITS.keys() <= whole.containers().keys()


def test_the_dashboards_are_published_on_this_host_alone(deploy: Deploy):
    shown = deploy(monitoring={"port": 3100}, bind_address=IPv4Address("127.0.0.2")).containers()["dashboards"]
    assert shown["ports"] == [{"internal": 3000, "external": 3100, "ip": "127.0.0.1"}]


def test_only_exporters_of_stores_reach_the_stores(whole: Declared):
    on_data = {name for name, found in reached(whole).items() if "docker-data" in found}
    exporters = {"postgres-exporter", "redis-exporter", "neo4j-exporter"}
    assert on_data == {"postgres", "redis", "neo4j", "api", "migration", "wal-receiver"} | exporters


def test_the_engine_is_asked_by_the_container_exporter_alone(whole: Declared):
    assert {name for name, found in reached(whole).items() if "docker-engine" in found} == {
        "engine",
        "container-exporter",
    }
    assert reached(whole)["engine"] == {"docker-engine"}


def test_nobody_who_watches_has_a_way_out_but_who_tells_people_and_who_shows(whole: Declared):
    outward = {name for name in MONITORING_LIMITS if reached(whole)[name] & {"docker-egress", "docker-edge"}}
    assert outward == {"alertmanager", "dashboards"}


@pytest.mark.parametrize("job", ["api", "edge", "postgres", "redis", "neo4j", "node", "container", "blackbox"])
def test_prometheus_asks_everybody(whole: Declared, job: str):
    jobs = {one["job_name"] for one in file(whole, "prometheus", "prometheus.yml")["scrape_configs"]}
    assert job in jobs


def test_a_changed_limit_changes_the_alert(deploy: Deploy):
    services = {**SETTINGS["services"], "redis": {"cpus": 0.5, "memory_mb": 1000}}
    rules = file(deploy(monitoring=True, services=services), "prometheus", "rules.yml")
    alerts = [rule for group in rules["groups"] for rule in group["rules"] if rule.get("alert") == "MemoryNearLimit"]
    redis = next(one for one in alerts if one["labels"]["service"] == "redis")
    assert redis["expr"].endswith(f"> {900 * 1024 * 1024}")


def test_the_api_is_told_where_traces_go(whole: Declared, declared: Declared):
    assert "TRACES_URL=http://zipkin:9411/api/v2/spans" in whole.containers()["api"]["envs"]
    assert not [one for one in declared.containers()["api"]["envs"] if one.startswith("TRACE")]


def test_the_public_way_in_is_tried_where_people_arrive(whole: Declared, deploy: Deploy):
    def tried(declared: Declared) -> str:
        jobs = {one["job_name"]: one for one in file(declared, "prometheus", "prometheus.yml")["scrape_configs"]}
        return str(jobs["blackbox"]["params"]["target"][0])

    assert tried(whole) == "http://edge:8080/"
    assert tried(deploy(monitoring=True)) == "http://frontend:8080/"
    assert tried(deploy(**{**WITH_EDGE, "edge": {"https_port": 8443}, "monitoring": True})) == "https://edge:8443/"
