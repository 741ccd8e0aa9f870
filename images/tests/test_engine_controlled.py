"""The way to the engine's socket for who starts and stops: exactly the named containers by exactly the named verbs."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from docker.models.containers import Container

from images.tests.engine import Engine
from images.tests.engine_proxy import EMPTY, Proxy, dormant, started, told
from images.tests.monitoring_stand import stand


@dataclass(frozen=True)
class Controlled:
    """A proxy and what it was told of: a job that ends by itself, a service that does not, and a stranger."""

    proxy: Proxy
    job: Container
    service: Container
    stranger: Container

    def post(self, path: str, headers: str = EMPTY, body: str = "") -> tuple[int, bytes]:
        """As `Proxy.ask`, with the containers' names in the path."""
        return self.proxy.ask(self.named(path), "POST", headers, body)

    def named(self, path: str) -> str:
        return path.format(job=self.job.name, service=self.service.name, stranger=self.stranger.name)

    def nothing_runs(self) -> bool:
        containers = (self.job, self.service, self.stranger)
        for container in containers:
            container.reload()
        return not any(container.status == "running" for container in containers)


@pytest.fixture(scope="module")
def controlled(engine: Engine, proxy_image: str, group: int) -> Iterator[Controlled]:
    with (
        dormant(engine, "sh", "-c", "echo done; sleep 1; exit 3") as job,
        dormant(engine, "sleep", "1000") as service,
        dormant(engine, "sleep", "1000") as stranger,
        told(engine, f"{job.name} start\n{service.name} start,stop\n") as mounts,
        stand(engine) as network,
        started(network, proxy_image, group, mounts) as proxy,
    ):
        yield Controlled(proxy, job, service, stranger)


def test_a_job_is_started_and_read(controlled: Controlled) -> None:
    assert controlled.post("/containers/{job}/start")[0] == 204
    assert controlled.job.wait(timeout=30)["StatusCode"] == 3
    status, log = controlled.proxy.ask(controlled.named("/containers/{job}/logs?stdout=1&stderr=1&tail=5"))
    assert (status, b"done\n" in log) == (200, True), log
    assert controlled.proxy.ask(controlled.named("/containers/{job}/json"))[0] == 200


def test_a_service_is_stopped_and_started_again(controlled: Controlled) -> None:
    assert controlled.post("/containers/{service}/start")[0] == 204
    assert controlled.post("/containers/{service}/start")[0] == 304
    assert controlled.post("/containers/{service}/stop?t=5")[0] == 204
    assert controlled.post("/containers/{service}/stop", headers="")[0] == 304
    assert controlled.nothing_runs()


def test_a_stop_may_take_longer_than_an_answer_to_a_question(engine: Engine, proxy_image: str, group: int) -> None:
    stubborn = ("bash", "-c", "trap : TERM; while true; do sleep 0.1; done")
    with (
        dormant(engine, *stubborn) as service,
        told(engine, f"{service.name} stop") as mounts,
        stand(engine) as network,
        started(network, proxy_image, group, mounts) as proxy,
    ):
        service.start()
        begun = time.monotonic()
        request = f"POST /containers/{service.name}/stop?t=33 HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n"
        assert proxy.raw(request, within=60).startswith(b"HTTP/1.1 204")
        assert time.monotonic() - begun > 30


@pytest.mark.parametrize(
    "path",
    [
        "/containers/{job}/stop",
        "/containers/{job}/wait",
        "/containers/{stranger}/start",
        "/containers/{stranger}/stop",
        "/containers/{stranger}/wait",
        "/containers/{job}/kill",
        "/containers/{job}/restart",
        "/containers/{job}/pause",
        "/containers/{job}/update",
        "/containers/{job}/rename?name=other",
        "/containers/{job}/exec",
        "/containers/{job}/attach",
        "/containers/{job}/resize",
        "/containers/create",
        "/containers/prune",
        "/exec/{job}/start",
        "/build",
        "/images/create?fromImage=debian",
        "/commit?container={job}",
        "/volumes/create",
        "/networks/create",
        "/session",
        "/grpc",
        "/_ping",
    ],
)
def test_no_other_container_and_no_other_verb_passes(controlled: Controlled, path: str) -> None:
    assert controlled.post(path)[0] == 403
    assert controlled.nothing_runs()


@pytest.mark.parametrize(
    "path",
    [
        "/containers/{job}/start/",
        "/containers/{job}//start",
        "//containers/{job}/start",
        "/containers//{job}/start",
        "/containers/./{job}/start",
        "/containers/../containers/{job}/start",
        "/containers/{stranger}/../{job}/start",
        "/containers/{job}/../{stranger}/start",
        "/containers/{job}/start/../../{stranger}/start",
        "/containers/{job}%2f..%2f{stranger}/start",
        "/containers/{job}/%73tart",
        "/containers/%2e%2e/containers/{job}/start",
        "/containers/{job}%00/start",
        "/containers/{job}/start%00",
        "/containers/{job}/start%3f",
        "/containers/{job}/start;x",
        "/containers/{job}/start#",
        "/containers/{job}/Start",
        "/Containers/{job}/start",
        "/CONTAINERS/{job}/START",
        "/v1.41/containers/{job}/start",
        "/v1.18/containers/{job}/start",
        "\\containers\\{job}\\start",
        "http://engine/containers/{job}/start",
        "containers/{job}/start",
        "/containers/{job}/start?",
        "/containers/{job}/start?detachKeys=a",
        "/containers/{job}/start?checkpoint=x&checkpoint-dir=/etc",
        "/containers/{service}/stop?",
        "/containers/{service}/stop?t=",
        "/containers/{service}/stop?t=-1",
        "/containers/{service}/stop?t=1&signal=SIGKILL",
        "/containers/{service}/stop?signal=SIGKILL",
        "/containers/{service}/stop?t=1?t=2",
        "/containers/{service}/stop?T=1",
        "/containers/{service}/stop?t=%31",
        "/containers/{service}/stop?t=1%00",
        "/containers/{job}/wait?condition=not-running",
    ],
)
def test_no_disguise_and_no_other_parameter_passes(controlled: Controlled, path: str) -> None:
    assert controlled.post(path)[0] in (400, 403)
    assert controlled.nothing_runs()


def test_an_upper_case_name_an_id_and_its_beginning_are_no_names(controlled: Controlled) -> None:
    identity = str(controlled.job.id)
    for name in (str(controlled.job.name).upper(), identity, identity[:12], f"{controlled.job.name}x"):
        assert controlled.post(f"/containers/{name}/start")[0] == 403
    assert controlled.nothing_runs()


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ("Content-Length: 2\r\n", "{}"),
        ("Content-Length: 0\r\nContent-Length: 2\r\n", "{}"),
        ("Content-Length: 0, 2\r\n", "{}"),
        ("Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", "0\r\n\r\n"),
        ("Transfer-Encoding: identity\r\n", ""),
        ("Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n", ""),
        ("Upgrade: websocket\r\n", ""),
    ],
)
def test_neither_a_body_nor_an_upgrade_passes(controlled: Controlled, headers: str, body: str) -> None:
    assert controlled.post("/containers/{job}/start", headers, body)[0] in (400, 403, 422, 501)
    assert controlled.nothing_runs()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "GET", "post", "CONNECT"])
def test_no_other_method_passes(controlled: Controlled, method: str) -> None:
    for path in ("/containers/{job}/start", "/containers/{service}/stop"):
        assert controlled.proxy.ask(controlled.named(path), method)[0] in (400, 403, 405)
    assert controlled.proxy.ask(controlled.named("/containers/{job}"), method)[0] in (400, 403, 405)
    assert controlled.nothing_runs()


@pytest.mark.parametrize(
    "path",
    [
        "/version",
        "/info",
        "/events?since=1&until=2",
        "/containers/json?all=1",
        "/containers/{stranger}/json",
        "/containers/{stranger}/logs?stdout=1",
        "/containers/{job}/stats?stream=0",
        "/containers/{job}/top",
        "/containers/{job}/archive?path=/etc/passwd",
        "/containers/{job}/json?size=1",
        "/containers/{job}/json/",
        "/containers/{job}/logs?stdout=1#x",
        "/containers/{job}/logs?stdout=%31",
        "/v1.41/containers/{job}/json",
        "/v1.41/_ping",
        "/_ping?x=1",
        "/images/json",
    ],
)
def test_only_the_named_can_be_read(controlled: Controlled, path: str) -> None:
    assert controlled.proxy.ask(controlled.named(path))[0] in (400, 403)


def test_what_comes_second_on_a_connection_is_looked_at_too(controlled: Controlled) -> None:
    first = "GET /_ping HTTP/1.1\r\nHost: engine\r\n\r\n"
    path = controlled.named("/containers/{stranger}/start")
    answers = controlled.proxy.raw(f"{first}POST {path} HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n")
    assert re.findall(rb"HTTP/1\.1 (\d+)", answers) == [b"200", b"403"]
    assert controlled.nothing_runs()
