"""The observers' image: containers as the real engine tells of them, and a real Neo4j, each within little memory."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from images.tests.engine import HARDENED, Engine, Running, build, fresh_name, wait_until
from images.tests.engine_proxy import socket_group, started
from images.tests.monitoring_stand import Exporter, Stand, eventually, stand

STACK = "observed"
WATCH = {"DOCKER_HOST": "tcp://engine:2375", "PROJECT": "market-research", "STACK": STACK}
LABELS = {"pulumi.project": "market-research", "pulumi.stack": STACK, "pulumi.service": "sleeper"}
PATIENT = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"]
GREEDY = ["sh", "-c", "sleep 3; head -c 100m /dev/zero | tail -c 90m >/dev/null; sleep 600"]


@pytest.fixture(scope="module")
def observers(image: Callable[[str], str]) -> str:
    return image("observers")


@pytest.fixture(scope="module")
def network(engine: Engine) -> Iterator[Stand]:
    with stand(engine) as network:
        yield network


@pytest.fixture(scope="module")
def proxy(network: Stand, image: Callable[[str], str]) -> Iterator[Running]:
    group = socket_group(network.engine, image("engine"))
    with started(network, image("engine"), group) as proxy:
        yield proxy.running


@pytest.fixture(scope="module")
def watching(network: Stand, proxy: Running, observers: str) -> Iterator[Exporter]:
    with network.exporter(
        observers, ["python", "-m", "observers.containers"], 9338, environment=WATCH, health="health"
    ) as exporter:
        yield exporter


@contextmanager
def container(engine: Engine, image: str, command: list[str], **options: Any) -> Iterator[Any]:
    """A container of the observed stack."""
    settings: dict[str, Any] = {
        **HARDENED,
        "mem_limit": "32m",
        "memswap_limit": "32m",
        "nano_cpus": 500_000_000,
        "name": fresh_name(),
        "labels": LABELS,
        "restart_policy": {"Name": "unless-stopped"},
        **options,
    }
    made = engine.client.containers.run(image, command, detach=True, **settings)
    try:
        yield made
    finally:
        made.remove(force=True)


def series(metric: str, name: str) -> str:
    return f'{metric}{{name="{name}",service="sleeper"}}'


def test_unit_tests_and_types_pass_with_the_images_own_packages() -> None:
    assert build("observers", "--target", "tests")


def test_the_image_has_the_size_it_promises(engine: Engine, observers: str) -> None:
    assert engine.client.images.get(observers).attrs["Size"] <= 50e6


def test_a_container_is_seen_from_its_start_to_its_end(engine: Engine, watching: Exporter) -> None:
    with container(engine, "debian:trixie-slim", PATIENT) as one:
        eventually(watching, series("container_pids", one.name), 3, within=10)
        metrics = watching.metrics()
        assert metrics[series("container_spec_memory_limit_bytes", one.name)] == 32 * 2**20
        assert metrics[series("container_spec_cpu_quota", one.name)] == 50_000
        assert 0 < metrics[series("container_memory_working_set_bytes", one.name)] < 32 * 2**20
        assert metrics[series("container_cpu_usage_seconds_total", one.name)] > 0
        assert metrics[series("container_network_receive_bytes_total", one.name)] >= 0
        assert abs(metrics[series("container_start_time_seconds", one.name)] - time.time()) < 60
        assert metrics[series("container_health_state", one.name)] == -1
        one.stop()
        eventually(watching, series("container_health_state", one.name), -1, within=10)
        wait_until(lambda: series("container_pids", one.name) not in watching.metrics(), within=10)
    wait_until(lambda: not any(one.name in line for line in watching.metrics()), within=10)


def test_containers_of_others_and_jobs_that_ended_are_not_shown(engine: Engine, watching: Exporter) -> None:
    other = {**LABELS, "pulumi.stack": "another"}
    with (
        container(engine, "debian:trixie-slim", PATIENT, labels=other) as stranger,
        container(engine, "debian:trixie-slim", PATIENT) as ours,
        engine.run("debian:trixie-slim", ["true"], labels=LABELS) as job,
    ):
        eventually(watching, series("container_restarts_total", ours.name), 0, within=10)
        job.exit_code()
        wait_until(lambda: not any(str(job.container.name) in line for line in watching.metrics()), within=20)
        assert not any(stranger.name in line for line in watching.metrics())


def test_a_killed_container_counts_as_restarted_and_its_replacement_too(engine: Engine, watching: Exporter) -> None:
    name = fresh_name()
    restarts = series("container_restarts_total", name)
    with container(engine, "debian:trixie-slim", PATIENT, name=name) as one:
        eventually(watching, restarts, 0, within=10)
        one.reload()
        os.kill(one.attrs["State"]["Pid"], signal.SIGKILL)
        eventually(watching, restarts, 1, within=10)
        one.restart(timeout=5)
        eventually(watching, restarts, 2, within=10)
    with container(engine, "debian:trixie-slim", PATIENT, name=name):
        eventually(watching, restarts, 3, within=10)


def test_health_follows_the_check(engine: Engine, watching: Exporter) -> None:
    check = {"test": ["CMD", "test", "-e", "/tmp/well"], "interval": 10**9, "retries": 1, "start_period": 0}
    with container(engine, "debian:trixie-slim", PATIENT, healthcheck=check, tmpfs={"/tmp": ""}) as one:
        eventually(watching, series("container_health_state", one.name), 0, within=15)
        one.exec_run(["touch", "/tmp/well"])
        eventually(watching, series("container_health_state", one.name), 1, within=15)


def test_a_process_that_is_killed_for_its_memory_is_counted(engine: Engine, watching: Exporter) -> None:
    with container(engine, "debian:trixie-slim", GREEDY) as one:
        oom = series("container_oom_events_total", one.name)
        eventually(watching, oom, 0, within=10)
        wait_until(lambda: watching.metrics()[oom] >= 1, within=20, why=watching.running.logs)
        assert watching.metrics()[series("container_restarts_total", one.name)] == 0, "the first process lives"


def test_a_scrape_takes_milliseconds_and_little_memory(watching: Exporter) -> None:
    start = time.monotonic()
    for _ in range(10):
        watching.metrics()
    assert (time.monotonic() - start) / 10 < 0.1
    assert watching.resident_bytes() <= 45e6


def test_an_engine_that_is_away_is_told(watching: Exporter, proxy: Running) -> None:
    eventually(watching, "container_scrape_error", 0)
    proxy.container.stop(timeout=5)
    eventually(watching, "container_scrape_error", 1, within=60)
    proxy.container.start()
    eventually(watching, "container_scrape_error", 0, within=30)


@pytest.mark.parametrize(
    ("program", "environment", "complaint"),
    [
        (
            "containers",
            {**WATCH, "DOCKER_HOST": "unix:///var/run/docker.sock"},
            "DOCKER_HOST: allowed is tcp://host:port",
        ),
        ("containers", {**WATCH, "STACK": ""}, "STACK: not set"),
        ("graph", {}, "NEO4J_URL: not set; write bolt://user@host:port"),
        ("graph", {"NEO4J_URL": "bolt://neo4j@neo4j:7687"}, "/run/secrets/neo4j_password: no such file"),
    ],
)
def test_a_mistake_is_named_in_one_line(
    engine: Engine, observers: str, program: str, environment: dict[str, str], complaint: str
) -> None:
    with engine.run(observers, ["python", "-m", f"observers.{program}"], environment=environment) as once:
        assert once.exit_code() == 2
        assert complaint in once.logs()
        assert len(once.logs().splitlines()) == 1


def test_it_stops_at_once(watching: Exporter) -> None:
    assert watching.running.stop(within=5) == 0
