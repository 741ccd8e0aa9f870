"""The trace store's image: spans are taken and found again, shown behind a proxy's path, and bounded in number."""

import json
import re
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from images.tests.engine import Engine, Running, wait_until

LIMITS: dict[str, Any] = {
    "mem_limit": "320m",
    "memswap_limit": "320m",
    "user": "1000:1000",
    "tmpfs": {"/tmp": "rw,noexec,nosuid,nodev"},
    "pids_limit": 136,
}
HEALTH_CHECK = ("wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9411/health")


@dataclass(frozen=True)
class Zipkin:
    """A running server."""

    running: Running

    def get(self, path: str) -> str:
        return self._answer(path)

    def ask(self, path: str) -> Any:
        return json.loads(self.get(path))

    def take(self, spans: list[dict[str, Any]]) -> None:
        self._answer("/api/v2/spans", json.dumps(spans).encode())

    def status(self, path: str) -> int:
        try:
            self.get(path)
        except urllib.error.HTTPError as error:
            return error.code
        return 200

    def _answer(self, path: str, body: bytes | None = None) -> str:
        self.running.container.reload()
        address = self.running.container.attrs["NetworkSettings"]["IPAddress"]
        request = urllib.request.Request(f"http://{address}:9411{path}", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(answer.read().decode(errors="replace"))


def trace(spans: int = 5) -> list[dict[str, Any]]:
    """As one request of the API leaves it: the request, and what it asked of the stores and the model."""
    trace_id, root, now = secrets.token_hex(16), secrets.token_hex(8), int(time.time() * 1e6)
    names = ["POST /projects/{project_id}/personas", "INSERT", "SET", "MERGE", "chat gpt-4o-mini"]
    return [
        {
            "traceId": trace_id,
            "id": root if number == 0 else secrets.token_hex(8),
            **({} if number == 0 else {"parentId": root}),
            "kind": "SERVER" if number == 0 else "CLIENT",
            "name": names[number % len(names)],
            "timestamp": now + number,
            "duration": 1500,
            "localEndpoint": {"serviceName": "api"},
            "tags": {"http.request.method": "POST", "http.route": "/projects/{project_id}/personas", "db.system": "pg"},
        }
        for number in range(spans)
    ]


@contextmanager
def started(engine: Engine, image: str, **environment: str) -> Iterator[Zipkin]:
    with engine.run(image, environment=environment, **LIMITS) as running:
        running.wait_until(lambda: running.attempt(*HEALTH_CHECK)[0] == 0, within=60)
        yield Zipkin(running)


@pytest.fixture(scope="module")
def zipkin(engine: Engine, image: Callable[[str], str]) -> Iterator[Zipkin]:
    where = {"ZIPKIN_UI_BASEPATH": "/traces", "ZIPKIN_UI_LOGSURL": "/logs/select/vmui/#/?query=trace_id:{traceId}"}
    with started(engine, image("zipkin"), **where) as zipkin:
        yield zipkin


def test_the_image_is_small_and_holds_no_shell(engine: Engine, image: Callable[[str], str], zipkin: Zipkin) -> None:
    assert engine.client.images.get(image("zipkin")).attrs["Size"] <= 115e6
    assert zipkin.running.attempt("sh", "-c", "true")[0] != 0


def test_a_trace_is_found_by_its_id_and_by_its_service(zipkin: Zipkin) -> None:
    sent = trace()
    zipkin.take(sent)
    wait_until(lambda: zipkin.status(f"/api/v2/trace/{sent[0]['traceId']}") == 200, within=5)
    assert {span["id"] for span in zipkin.ask(f"/api/v2/trace/{sent[0]['traceId']}")} == {span["id"] for span in sent}
    assert zipkin.ask("/api/v2/services") == ["api"]


def test_its_page_works_behind_a_path_and_leads_from_a_trace_to_its_log_lines(zipkin: Zipkin) -> None:
    page = zipkin.get("/zipkin/")
    assert '<base href="/traces/"' in page
    for address in re.findall(r'(?:src|href)="\./([^"]+)"', page):
        assert zipkin.status(f"/zipkin/{address}") == 200, "a proxy leads /traces/ to /zipkin/"
    assert "://" not in re.sub(r"<!--.*?-->", "", page, flags=re.S), "nothing of it comes from elsewhere"
    assert zipkin.ask("/zipkin/config.json")["logsUrl"] == "/logs/select/vmui/#/?query=trace_id:{traceId}"
    assert zipkin.ask("/zipkin/api/v2/services") == ["api"]


def test_it_counts_what_it_took_and_gives_away_no_memory_and_no_environment(zipkin: Zipkin) -> None:
    zipkin.take(trace())
    assert re.search(r'^zipkin_collector_spans_total\{transport="http"\S*\} \d', zipkin.get("/prometheus"), re.M)
    for path in ("/actuator", "/actuator/heapdump", "/actuator/env"):
        assert zipkin.status(path) == 404, path


def test_many_requests_take_no_more_threads_than_it_may_have(zipkin: Zipkin) -> None:
    assert {zipkin.status("/zipkin/api/v2/services") for _ in range(400)} == {200}
    top = zipkin.running.container.top(ps_args="-eLo pid,lwp")
    assert len(top["Processes"]) < LIMITS["pids_limit"] - 50


def test_more_spans_than_it_holds_push_out_the_oldest_within_the_memory_limit(
    engine: Engine, image: Callable[[str], str]
) -> None:
    with started(engine, image("zipkin")) as zipkin:
        first = trace()
        zipkin.take(first)
        wait_until(lambda: zipkin.status(f"/api/v2/trace/{first[0]['traceId']}") == 200, within=5)
        for _ in range(120):
            zipkin.take([span for _ in range(100) for span in trace()])
        last = trace()
        zipkin.take(last)
        wait_until(lambda: zipkin.status(f"/api/v2/trace/{last[0]['traceId']}") == 200, within=10)
        assert zipkin.status(f"/api/v2/trace/{first[0]['traceId']}") == 404
        assert zipkin.status("/api/v2/traces?limit=1000&serviceName=api") == 200
        assert zipkin.running.attempt(*HEALTH_CHECK)[0] == 0
        assert zipkin.running.container.attrs["RestartCount"] == 0


def test_it_stops_when_it_is_told_to(engine: Engine, image: Callable[[str], str]) -> None:
    with started(engine, image("zipkin")) as zipkin:
        assert zipkin.running.stop(within=10) in (0, 143)
