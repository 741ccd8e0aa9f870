"""What holds `up` back, and what it says."""

import asyncio
from typing import Any, cast

import docker
import pulumi
import pytest

from infra.engine import Engine
from infra.gate import ExitGate, HealthGate
from infra.job import ATTEMPT_LABEL
from infra.ownership import INSTALLATION_LABEL
from infra.tests.conftest import Deploy, FakeEngine

LABELS = {"pulumi.project": "market-research", "pulumi.stack": "dev", "pulumi.service": "api"}


class Scripted(Engine):
    """An engine that tells of one container, a fact after the other, the last one for ever."""

    def __init__(self, *facts: dict[str, Any], log: str = "", others: tuple[str, ...] = ()) -> None:
        self.facts = list(facts)
        self.log = log
        self.others = others
        self.client = cast(Any, self)
        self.api = self

    def inspect_container(self, container_id: str) -> dict[str, Any]:
        if not self.facts:
            raise docker.errors.NotFound("no such container")
        fact = self.facts.pop(0) if len(self.facts) > 1 else self.facts[0]
        return {"Id": container_id, "Name": "/dev-api-1", "Config": {"Labels": LABELS}, "RestartCount": 0, **fact}

    def logs(self, container_id: str, tail: int) -> bytes:
        return "\n".join(self.log.splitlines()[-tail:]).encode()

    def containers(self, labels: Any, *, running_only: bool = False) -> list[dict[str, Any]]:
        assert labels == LABELS
        return [{"Id": name, "Names": [f"/{name}"]} for name in ("dev-api-1", *self.others)]


def state(health: str, *probes: str) -> dict[str, Any]:
    log = [{"ExitCode": 1, "Output": probe} for probe in probes]
    return {"State": {"Status": "running", "ExitCode": 0, "Health": {"Status": health, "Log": log}}}


def wait(engine: Engine, seconds: float = 5, settle_seconds: float = 0.3) -> str:
    return asyncio.run(HealthGate(engine, "api", seconds, settle_seconds).wait("dev-api-1"))


def report(engine: Engine, seconds: float = 5) -> str:
    with pytest.raises(pulumi.RunError) as failed:
        wait(engine, seconds)
    return str(failed.value)


def test_a_container_that_becomes_healthy_passes():
    assert wait(Scripted(state("starting"), state("healthy"))) == "dev-api-1"


def test_an_unhealthy_container_is_reported_with_its_log_and_its_health_log():
    message = report(Scripted(state("unhealthy", '{"postgres": "down"}'), log="starting\nno route to postgres"))
    assert "api: its health check fails (container dev-api-1: running, 0 restarts" in message
    assert "  no route to postgres\n" in message
    assert '  exit 1: {"postgres": "down"}' in message
    assert "nothing else serves in its place" in message


def test_the_report_names_what_still_serves():
    assert "still serving: dev-api-0" in report(Scripted(state("unhealthy"), others=("dev-api-0",)))


def test_a_container_that_stays_starting_is_given_up_after_its_time():
    assert "api: not healthy after 0.3 s" in report(Scripted(state("starting")), seconds=0.3)


def test_a_container_that_keeps_restarting_is_given_up_at_once():
    restarting = Scripted(state("starting"), {**state("starting"), "RestartCount": 3})
    assert "api: it ends again and again (container dev-api-1: running, 3 restarts" in report(restarting, seconds=60)


def test_restarts_of_long_ago_and_a_stale_verdict_do_not_condemn_a_container_that_recovers():
    sick, well = ({**state(health), "RestartCount": 5} for health in ("unhealthy", "healthy"))
    assert wait(Scripted(sick, sick, well), seconds=60, settle_seconds=60) == "dev-api-1"


def test_a_container_that_someone_removed_is_told_with_the_way_out():
    assert "`pulumi up --refresh`" in report(Scripted())


def test_a_job_that_ended_well_passes():
    assert ExitGate(Scripted(), "migration").check("dev-migration-1", 0) == "dev-migration-1"


def test_a_job_that_failed_shows_its_log():
    with pytest.raises(pulumi.RunError, match=r"migration: failed with exit code 3(.|\n)*  no such column"):
        ExitGate(Scripted(log="running\nno such column"), "migration").check("dev-migration-1", 3)


def test_a_failed_migration_leaves_the_api_alone(deploy: Deploy, monkeypatch):
    monkeypatch.setattr(FakeEngine, "last_log_lines", lambda *_: ["no such column"])
    with pytest.raises(pulumi.RunError, match="no such column"):
        deploy(exit_code=3)


def test_a_preview_waits_for_nothing(deploy: Deploy, monkeypatch):
    monkeypatch.setattr(FakeEngine, "inspect_container", lambda *_: pytest.fail("asked the engine"))
    assert deploy(preview=True, exit_code=3).containers()


def attempt(deploy: Deploy) -> str:
    labels = deploy().containers()["migration"]["labels"]
    return next(str(one["value"]) for one in labels if one["label"] == ATTEMPT_LABEL)


@pytest.mark.parametrize(
    ("state", "status", "expected"),
    [("exited", "Exited (0) 2 hours ago", "4"), ("exited", "Exited (3) 2 hours ago", "5"), ("created", "Created", "5")],
)
def test_a_job_runs_again_only_after_it_failed(
    deploy: Deploy, engine: FakeEngine, state: str, status: str, expected: str
):
    labels = {**LABELS, "pulumi.service": "migration", ATTEMPT_LABEL: "4", INSTALLATION_LABEL: "1234abcd"}
    engine.known = [{"Names": ["/dev-migration-1"], "Labels": labels, "Ports": [], "State": state, "Status": status}]
    assert attempt(deploy) == expected


def test_the_first_attempt_is_number_one(deploy: Deploy):
    assert attempt(deploy) == "1"
