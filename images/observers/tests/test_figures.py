"""What is read from the engine's answers, on hosts with cgroups of either version."""

from typing import Any

import pytest
from observers.containers.container import Container
from observers.containers.restarts import Restarts
from observers.containers.sample import Sample

from tests.engine_api import STATS, description

VERSION_2: dict[str, Any] = {
    "memory_stats": {"usage": 50_000_000, "stats": {"inactive_file": 30_000_000, "file": 3}},
    "blkio_stats": {"io_service_bytes_recursive": [{"op": "read", "value": 1}, {"op": "write", "value": 2}]},
}


def test_a_sample_of_version_1() -> None:
    sample = Sample.of(STATS)
    assert sample
    assert (sample.cpu_seconds, sample.periods, sample.throttled_periods) == (2.5, 100, 7)
    assert (sample.memory, sample.working_set, sample.pids) == (50_000_000, 30_000_000, 9)
    assert (sample.received, sample.sent, sample.read, sample.written) == (30, 3, 4100, 512)


def test_a_sample_of_version_2() -> None:
    sample = Sample.of({**STATS, **VERSION_2})
    assert sample
    assert (sample.working_set, sample.read, sample.written) == (20_000_000, 1, 2)


def test_a_sample_of_a_container_without_a_network_or_a_disk() -> None:
    bare = {**STATS, "blkio_stats": {"io_service_bytes_recursive": None}, "pids_stats": {}}
    del bare["networks"]
    sample = Sample.of(bare)
    assert sample
    assert (sample.received, sample.read, sample.pids) == (0, 0, 0)


def test_a_stopped_container_gives_no_sample() -> None:
    assert Sample.of({**STATS, "read": "0001-01-01T00:00:00Z"}) is None
    assert Sample.of({**STATS, "memory_stats": {}}) is None


def test_a_description() -> None:
    container = Container.of(description("a1"))
    assert (container.name, container.service, container.health) == ("dev-api-1", "api", 1)
    assert container.started == pytest.approx(1_785_574_800.987654)
    assert (container.memory_limit, container.cpu_quota, container.cpu_period) == (536_870_912, 150_000, 100_000)


def test_a_quota_may_be_given_in_microseconds_and_a_limit_not_at_all() -> None:
    given = Container.of(description("a1", HostConfig={"NanoCpus": 0, "CpuQuota": 25_000, "CpuPeriod": 50_000}))
    assert (given.cpu_quota, given.cpu_period) == (25_000, 50_000)
    free = Container.of(description("a1", HostConfig={"NanoCpus": 0, "CpuQuota": -1, "Memory": 0}))
    assert (free.cpu_quota, free.memory_limit) == (0, 0)


@pytest.mark.parametrize(
    ("status", "running", "health"), [("starting", True, -1), ("unhealthy", True, 0), ("healthy", False, 0)]
)
def test_health(status: str, running: bool, health: int) -> None:
    assert Container.of(description("a1", State={"Health": {"Status": status}, "Running": running})).health == health


def test_health_is_not_known_without_a_check() -> None:
    plain = description("a1")
    del plain["State"]["Health"]
    assert Container.of(plain).health == -1


def test_a_job_that_ended_and_a_container_that_never_ran_are_not_awaited() -> None:
    stopped = {"Running": False, "Status": "exited"}
    assert Container.of(description("a1", State=stopped)).awaited
    assert not Container.of(description("a1", State=stopped, HostConfig={"RestartPolicy": {"Name": "no"}})).awaited
    never = {"Running": False, "Status": "created", "StartedAt": "0001-01-01T00:00:00Z"}
    assert not Container.of(description("a1", State=never)).awaited
    assert Container.of(description("a1", State=never)).started == 0


def test_restarts_are_counted_by_policy_by_hand_and_through_a_replacement() -> None:
    restarts, later = Restarts(), {"StartedAt": "2026-08-01T10:00:00Z"}
    history = [
        (description("a1", RestartCount=2), 2),
        (description("a1", RestartCount=5), 5),
        (description("a1", RestartCount=5, State=later), 6),
        (description("a1", RestartCount=0, State=later), 6),
        (description("b2"), 7),
        (description("b2", RestartCount=1, State=later), 8),
    ]
    for one, total in history:
        restarts.note(Container.of(one))
        assert restarts.total(Container.of(one)) == total
