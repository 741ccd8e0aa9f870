"""Who makes backups, of stacks that have them: what waits to be started, and that nothing else can be."""

import re
from collections.abc import Iterator

import pytest

from smoke_tests.deployment import Deployment
from smoke_tests.tunnel import Tunnel
from smoke_tests.website import Page, Website

JOBS = {"backup-postgres", "backup-redis", "backup-files", "neo4j-dump", "neo4j-count", "backup-neo4j", "backup-state"}
CARRIER = re.compile("-(secrets|configuration)-[0-9a-f]+$")
"""How the name of a container ends that holds files for another one and never runs."""
CONTENT = {"content-length": "0"}


@pytest.fixture(scope="module", autouse=True)
def backups(deployment: Deployment) -> None:
    if "backup" not in deployment.outputs.services:
        pytest.skip("this stack makes no backups: `backup: true` in its file")


@pytest.fixture(scope="module")
def beside(deployment: Deployment) -> Iterator[Tunnel]:
    """A way to what the scheduler sees."""
    with deployment.beside("backup") as guest, Tunnel(guest) as tunnel:
        yield tunnel


@pytest.fixture(scope="module")
def gate(deployment: Deployment, beside: Tunnel) -> Website:
    """The engine, as the scheduler has it."""
    return Website(beside, f"http://{deployment.outputs.services['backup-engine'].address}")


@pytest.fixture(scope="module")
def waiting(deployment: Deployment) -> dict[str, str]:
    """The names of the containers that wait, by their jobs."""
    labels = ["pulumi.project=market-research", f"pulumi.stack={deployment.stack}"]
    found = deployment.engine.api.containers(all=True, filters={"label": labels})
    return {
        one["Labels"]["pulumi.service"]: one["Names"][0].lstrip("/")
        for one in found
        if one["State"] in ("created", "exited") and not CARRIER.search(one["Names"][0])
    }


def test_every_job_waits(waiting: dict[str, str]) -> None:
    assert waiting.keys() >= JOBS, "each store must have a job that copies it"


def test_a_job_can_do_no_more_than_it_needs(deployment: Deployment, waiting: dict[str, str]) -> None:
    for job in JOBS:
        host = deployment.engine.containers.get(waiting[job]).attrs["HostConfig"]
        assert host["ReadonlyRootfs"], f"{job} must not be able to change its own files"
        assert host["CapDrop"] == ["ALL"], f"{job} must have no capabilities"
        assert host["Memory"] == host["MemorySwap"] > 0, f"{job} must have a limit"


def test_the_scheduler_sees_a_job_and_nobody_else(
    deployment: Deployment, gate: Website, waiting: dict[str, str]
) -> None:
    assert gate.get(f"/containers/{waiting['backup-redis']}/json").status == 200
    for service in ("api", "postgres", "backup"):
        name = str(deployment.container(service).name)
        assert gate.get(f"/containers/{name}/json").status == 403, f"{service} is none of the scheduler's business"
    assert gate.get("/containers/json").status == 403


def test_the_scheduler_can_start_and_stop_nobody_else(deployment: Deployment, gate: Website) -> None:
    def told(path: str) -> Page:
        return gate.ask("POST", path, headers=CONTENT)

    for service in ("api", "postgres"):
        name = str(deployment.container(service).name)
        assert told(f"/containers/{name}/stop").status == 403, f"the scheduler must not stop {service}"
        assert deployment.health(service) == "healthy"
    for path in ("/containers/create", f"/containers/{deployment.container('api').name}/exec", "/images/create"):
        assert told(path).status == 403, f"POST {path} must be refused"


def test_it_tells_prometheus_how_the_last_backups_went(beside: Tunnel) -> None:
    page = Website(beside, "http://127.0.0.1:9465").get("/metrics")
    assert page.status == 200
    names = set(re.findall(r"^# TYPE (\w+)", page.text, re.MULTILINE))
    assert {"backup_last_success_timestamp_seconds", "backup_last_run_ok", "backup_size_bytes"} <= names
