"""What `research status` makes of the engine's facts."""

import json
from typing import Any

import pytest
import typer

from infra.engine import MIB
from operations.running_stack import RunningStack
from operations.status import duration, status
from operations.tests.conftest import STACK_FILE, FakeApi
from operations.usage import Usage, usage

WELL: Any = {"Health": {"Status": "healthy"}}
STATISTICS: dict[str, Any] = {
    "cpu_stats": {"cpu_usage": {"total_usage": 300}, "system_cpu_usage": 2000, "online_cpus": 4},
    "precpu_stats": {"cpu_usage": {"total_usage": 200}, "system_cpu_usage": 1000},
    "memory_stats": {"usage": 100 * MIB, "stats": {"inactive_file": 40 * MIB}},
}


@pytest.fixture
def well(api: FakeApi, stack: RunningStack) -> FakeApi:
    for service in ("api", "redis"):
        api.add(service, **WELL)
        api.statistics[f"{service}-1-id"] = STATISTICS
    api.add("migration", job=True, Status="exited")
    api.add("api-secrets", job=True, Status="created")
    return api


def ended(**how: Any) -> int:
    with pytest.raises(typer.Exit) as exit_:
        status(**how)
    return exit_.value.exit_code


def report(capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = ended(json=True)
    return code, json.loads(capsys.readouterr().out)


def test_a_stack_that_is_well_ends_with_zero_and_tells_what_it_uses(well: FakeApi, capsys: pytest.CaptureFixture[str]):
    code, told = report(capsys)
    assert (code, told["healthy"], told["missing"]) == (0, True, {})
    assert [row["service"] for row in told["services"]] == ["api", "redis"]
    assert told["jobs"] == [
        {"job": "migration", "container": "dev-migration-1", "state": "exited", "exit_code": 0},
    ]
    row = told["services"][0]
    assert (row["cpu_percent"], row["cpu_limit_percent"]) == (40, 50)
    assert (row["memory_mb"], row["memory_limit_mb"]) == (60, 256)
    assert (row["image"], row["ports"]) == ("0123456789ab", ["127.0.0.1:8080->8080/tcp"])


@pytest.mark.parametrize(
    ("state", "health"),
    [
        ({"Health": {"Status": "unhealthy"}}, "unhealthy"),
        ({"Health": {"Status": "starting"}}, "starting"),
        ({"Status": "exited", "ExitCode": 137, "OOMKilled": True}, "exited (137, out of memory)"),
        ({"Status": "restarting", "ExitCode": 1}, "restarting (1)"),
    ],
)
def test_one_that_is_not_well_ends_with_one_and_is_told(
    state: dict[str, Any], health: str, well: FakeApi, capsys: pytest.CaptureFixture[str]
):
    well.known[1]["State"].update(state)
    code, told = report(capsys)
    assert (code, told["healthy"]) == (1, False)
    assert told["services"][1]["health"] == health


def test_a_service_without_a_check_is_well_while_it_runs(well: FakeApi, capsys: pytest.CaptureFixture[str]):
    del well.known[0]["State"]["Health"]
    assert report(capsys)[0] == 0


def test_every_replica_has_a_row(well: FakeApi, capsys: pytest.CaptureFixture[str]):
    well.add("api", 2, **WELL)
    assert [row["container"] for row in report(capsys)[1]["services"]] == ["dev-api-1", "dev-api-2", "dev-redis-1"]


def test_a_service_that_is_gone_is_missed(well: FakeApi, capsys: pytest.CaptureFixture[str]):
    del well.known[1]
    code, told = report(capsys)
    assert (code, told["missing"]) == (1, {"redis": 1})


def test_a_replica_that_is_gone_is_missed(well: FakeApi, stack: RunningStack, capsys: pytest.CaptureFixture[str]):
    stack.file.path.write_text(STACK_FILE.replace("api: {", "api: {replicas: 3, "))
    code, told = report(capsys)
    assert (code, told["missing"]) == (1, {"api": 2})


def test_a_file_that_cannot_be_read_keeps_nobody_from_seeing_what_runs(well: FakeApi, stack: RunningStack):
    stack.file.path.write_text("config: [")
    assert ended() == 0


def test_a_job_that_failed_is_not_well(well: FakeApi, capsys: pytest.CaptureFixture[str]):
    well.known[2]["State"]["ExitCode"] = 3
    assert ended() == 1
    assert "migration ended with 3: `research logs migration -s dev` tells why" in capsys.readouterr().out


def test_people_read_a_line_for_each_service_and_what_to_type_for_one_that_is_ill(
    well: FakeApi, capsys: pytest.CaptureFixture[str]
):
    well.known[1]["State"]["Health"]["Status"] = "unhealthy"
    assert ended() == 1
    heading, api, redis, hint = capsys.readouterr().out.splitlines()
    assert heading.split()[:3] == ["service", "container", "health"]
    assert "40.0/50" in api
    assert "60/256" in api
    assert redis.split()[:3] == ["redis", "dev-redis-1", "unhealthy"]
    assert hint == "redis is unhealthy: `research logs redis -s dev` tells why"


def test_a_container_that_stops_meanwhile_has_no_figures():
    assert usage({"cpu_stats": {}, "precpu_stats": {}, "memory_stats": {}}) is None


def test_memory_that_the_kernel_would_give_back_does_not_count_in_cgroups_of_version_one_either():
    first = {**STATISTICS, "memory_stats": {"usage": 100 * MIB, "stats": {"total_inactive_file": 70 * MIB}}}
    assert usage(first) == Usage(40, 30)


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0s"), (59, "59s"), (3600, "1h"), (3725, "1h 2m"), (90061, "1d 1h"), (None, "-")]
)
def test_an_uptime_is_told_in_two_units(seconds: float | None, told: str):
    assert duration(seconds) == told
