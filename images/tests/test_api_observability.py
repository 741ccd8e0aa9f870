"""What the API shows to those who watch it: figures of all its processes, traces, and log lines that go with them."""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from images.tests import trace_sink
from images.tests.api_members import Member, first_member, planned
from images.tests.api_stand import SECRETS, Stand
from images.tests.api_stores import language_model, login_stand, name
from images.tests.engine import Engine, Running

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GROUPS_TRACE = TRACE[::-1]
WORKS = ("focus group", "graph of a focus group")
PARTS = {"postgresql", "redis", "neo4j", "offline"}
"""The stores and the language model, as spans name them; Neo4j is asked, although it is away."""
FIGURES = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:9464/metrics').read().decode())"
LIVE = "import pathlib; print(*pathlib.Path('/tmp/metrics').glob('gauge_livesum_*.db'))"
KILL_A_WORKER = """
import os, pathlib
files = pathlib.Path("/tmp/metrics").glob("gauge_livesum_*.db")
os.kill(max(int(file.stem.rpartition("_")[2]) for file in files), 9)
"""
PROCESSES = 3
"""Two workers and their parent."""


@pytest.fixture(scope="module")
def stand(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    with login_stand(engine, image) as stand:
        yield stand


@pytest.fixture(scope="module")
def sink(stand: Stand) -> Iterator[Running]:
    """Whoever takes the spans."""
    with stand.engine.run(stand.image, ["python", "-c", inspect.getsource(trace_sink)], network=stand.network) as sink:
        yield sink


@pytest.fixture(scope="module")
def traces_url(sink: Running) -> str:
    """Where an API sends its spans."""
    return f"http://{name(sink)}:9411/api/v2/spans"


@pytest.fixture(scope="module")
def member(stand: Stand, traces_url: str) -> Iterator[Member]:
    """Somebody who uses an API of two processes."""
    with stand.api(WORKERS="2", TRACES_URL=traces_url) as api:
        api.wait_for(code=200)
        yield first_member(api)


def figure(member: Member, sample: str) -> float:
    """A figure as Prometheus would read it; 0 where there is none."""
    text = member.api.running.exec("python", "-c", FIGURES)
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0


def projects(member: Member) -> float:
    labels = 'http_request_method="GET",http_response_status_code="200",http_route="/api/projects"'
    return figure(member, f"http_server_request_duration_seconds_count{{{labels}}}")


def test_the_figures_of_all_processes_are_put_together(member: Member) -> None:
    before = projects(member)
    for _ in range(40):
        # A new connection may lead to the other process.
        assert member.http.get(f"{member.api.url}/api/projects", headers={"Connection": "close"}, timeout=10).ok
    assert projects(member) == before + 40


def test_whoever_is_here_counts_once_however_many_processes_saw_them(member: Member) -> None:
    colleague = member.invite()
    for _ in range(10):
        for one in (member, colleague):
            assert one.http.get(f"{member.api.url}/api/projects", headers={"Connection": "close"}, timeout=10).ok
    active = [f'users_active{{window="{window}"}}' for window in ("5m", "15m")]
    member.api.running.wait_until(lambda: [figure(member, sample) for sample in active] == [2, 2])


def test_what_a_process_that_is_gone_had_open_is_not_counted(member: Member) -> None:
    most = 'db_client_connection_max{pool="postgres"}'
    member.api.running.wait_until(lambda: figure(member, most) > 0)
    both = figure(member, most)
    member.api.running.exec("python", "-c", KILL_A_WORKER)
    # Another one takes its place, and counts from the start.
    member.api.running.wait_until(lambda: member.api.health().get("code") == 200)
    member.api.running.wait_until(lambda: figure(member, most) == both, within=30)
    assert len(member.api.running.exec("python", "-c", LIVE).split()) <= PROCESSES


def spans(sink: Running, trace: str) -> list[Any]:
    found = [json.loads(line) for line in sink.logs().splitlines()]
    return [span for span in found if span["traceId"] == trace]


def tags(found: list[Any]) -> set[str]:
    return {tag for span in found for tag in span["tags"].values()}


def test_a_request_is_followed_into_the_stores_by_the_id_that_the_edge_gave_it(member: Member, sink: Running) -> None:
    given = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-00", "X-Request-ID": TRACE}
    assert member.http.get(f"{member.api.url}/api/projects?token=sesame", headers=given, timeout=10).ok
    sink.wait_until(lambda: {"redis", "postgresql"} <= {one["tags"].get("db.system") for one in spans(sink, TRACE)})
    server = next(one for one in spans(sink, TRACE) if one["kind"] == "SERVER")
    assert server["tags"]["request_id"] == TRACE
    assert "sesame" not in json.dumps(spans(sink, TRACE))
    lines = [json.loads(line) for line in member.api.running.logs().splitlines() if TRACE in line]
    assert {(line["trace_id"], line["request_id"]) for line in lines} == {(TRACE, TRACE)}


def test_a_focus_group_that_another_api_goes_on_with_is_in_the_trace_of_the_request_that_started_it(
    stand: Stand, sink: Running, traces_url: str
) -> None:
    with (
        language_model(stand, seconds=600) as (_, silent),
        stand.api(SECRETS, TRACES_URL=traces_url, **silent) as first,
    ):
        first.wait_for(code=200)
        colleague = first_member(first)
        started = {"traceparent": f"00-{GROUPS_TRACE}-00f067aa0ba902b7-01"}
        colleague.post(f"{planned(colleague)}/run", headers=started)
        sink.wait_until(lambda: "SERVER" in {one.get("kind") for one in spans(sink, GROUPS_TRACE)})
        first.running.stop()
    with stand.api(TRACES_URL=traces_url):
        sink.wait_until(lambda: tags(spans(sink, GROUPS_TRACE)) >= PARTS)
    found = spans(sink, GROUPS_TRACE)
    (request,) = (one for one in found if one.get("kind") == "SERVER")
    works = [one for one in found if one["name"] in WORKS]
    assert {(one["name"], one["parentId"]) for one in works} == {(work, request["id"]) for work in WORKS}


def test_without_anybody_who_takes_them_it_serves_and_says_so_once(stand: Stand) -> None:
    with stand.api(TRACES_URL="http://localhost:9/api/v2/spans") as api:
        api.wait_for(code=200)
        member = first_member(api)
        for _ in range(30):
            assert member.ask("/api/projects").elapsed.total_seconds() < 2
        api.running.wait_until(lambda: "traces are not kept" in api.running.logs())
        for _ in range(30):
            member.get("/api/projects")
        assert api.running.logs().count("traces are not kept") == 1
