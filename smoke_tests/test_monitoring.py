"""Those who watch, of stacks that have them: they see everybody, and what they show is there."""

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from smoke_tests.deployment import Deployment
from smoke_tests.person import Person
from smoke_tests.tunnel import Tunnel
from smoke_tests.website import Website

PATIENCE_SECONDS = 60
AUDIENCE = "people who walk their dog at night"


@pytest.fixture(scope="module")
def dashboards(deployment: Deployment) -> Iterator[Website]:
    """The page of the dashboards, and by it the stores behind."""
    if deployment.outputs.dashboards is None:
        pytest.skip("nobody watches this stack: `monitoring: true` in its file")
    with deployment.invite(network_mode="host") as guest, Tunnel(guest) as tunnel:
        yield Website(tunnel, deployment.outputs.dashboards)


Ask = Callable[[str], list[Any]]


@pytest.fixture(scope="module")
def prometheus(dashboards: Website) -> Ask:
    """Ask Prometheus; AssertionError when the query is none."""

    def ask(query: str) -> list[Any]:
        page = dashboards.get(f"/prometheus/api/v1/query?{urlencode({'query': query})}")
        assert page.status == 200, f"Prometheus must answer {query}, but: {page.text}"
        result: list[Any] = page.json["data"]["result"]
        return result

    return ask


@pytest.fixture(scope="module")
def used(prometheus: Ask, person: Person) -> str:
    """Work that Prometheus has seen twice, so that rates show it; the audience that was worked with."""
    _work(person)
    _until(lambda: prometheus('sum(focus_groups_finished_total{outcome="finished"}) > 0'))
    _work(person)
    _until(lambda: prometheus("sum(increase(focus_groups_finished_total[2m])) > 0"))
    return AUDIENCE


def _work(person: Person) -> None:
    """A search, personas, a project, and then a focus group that runs."""
    for _ in range(2):  # the second time it is found in the cache
        assert person.get(f"/api/personas?{urlencode({'query': AUDIENCE})}").status == 200
    people = person.post("/api/personas/generate", {"audience": AUDIENCE, "count": 2}).json["items"]
    person.made.extend(f"/api/personas/{one['id']}" for one in people)
    project = person.make("/api/projects", {"name": "watched"})
    plan = {"topic": "Lamps", "questions": ["What do you carry?"], "persona_ids": [one["id"] for one in people]}
    group = person.post(f"/api/projects/{project['id']}/focus-groups", plan).json
    person.post(f"/api/focus-groups/{group['id']}/run")


def _until(holds: Callable[[], Any], why: Callable[[], str] = str) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not so within {PATIENCE_SECONDS} s: {why()}"
        time.sleep(1)
    return found


def test_everybody_gives_metrics(prometheus: Ask) -> None:
    assert prometheus("up"), "Prometheus must ask somebody"
    # A replica that has just been replaced is asked for a few seconds more.
    _until(lambda: not prometheus("up == 0"), lambda: f"nothing comes from {prometheus('up == 0')}")


def test_every_service_is_counted_with_its_limit(deployment: Deployment, prometheus: Ask) -> None:
    limits = {one["metric"]["service"]: int(one["value"][1]) for one in prometheus("container_spec_memory_limit_bytes")}
    promised = {name: service.memory_mb * 1024 * 1024 for name, service in deployment.outputs.services.items()}
    assert {name: limits.get(name) for name in promised} == promised


def test_the_watchdog_reaches_alertmanager(dashboards: Website) -> None:
    def firing() -> list[str]:
        found = dashboards.get("/alertmanager/api/v2/alerts").json
        return [one["labels"]["alertname"] for one in found if one["labels"]["alertname"] == "Watchdog"]

    _until(firing)


def test_every_panel_shows_something(used: str, dashboards: Website, prometheus: Ask) -> None:
    assert used
    tried = bool(prometheus("restore_drill_ok"))  # without a backup and a drill those panels have nothing to show
    panels = [panel for panel in _panels(dashboards) if tried or not panel[0].startswith("backups: ")]
    assert len(panels) > len(dashboards.get("/dashboards.json").json), "there must be panels"

    def empty() -> list[str]:
        return [title for title, queries in panels if not any(prometheus(query) for query in queries)]

    _until(lambda: not empty(), lambda: f"a panel without an answer is of no use: {empty()}")


def _panels(dashboards: Website) -> Iterator[tuple[str, list[str]]]:
    """Each panel's title, and what it asks Prometheus."""
    for board in dashboards.get("/dashboards.json").json:
        text = dashboards.get(f"/dashboards/{board['uid']}.json").text
        for panel in json.loads(text)["spec"]["panels"].values():
            title = f"{board['uid']}: {panel['spec']['display']['name']}"
            queries = [one["spec"]["plugin"]["spec"]["query"] for one in panel["spec"]["queries"]]
            assert queries, f"{title} must ask something"
            yield title, [query.replace("$__rate_interval", "2m") for query in queries]


def test_a_log_line_is_found_by_the_id_of_its_trace_and_the_trace_by_it(
    used: str, dashboards: Website, person: Person
) -> None:
    assert used
    person.get("/api/projects")

    def line() -> Any:
        query = 'service:api path:="/api/projects" trace_id:* | sort by (_time) desc | limit 1'
        text = dashboards.get(f"/logs/select/logsql/query?{urlencode({'query': query})}").text
        return json.loads(text) if text.strip() else None

    trace_id = _until(line)["trace_id"]
    assert re.fullmatch("[0-9a-f]{32}", trace_id)

    def spans() -> Any:
        page = dashboards.get(f"/zipkin/api/v2/trace/{trace_id}")
        return page.json if page.status == 200 else None

    systems = {span.get("tags", {}).get("db.system") for span in _until(spans)}
    assert {"redis", "postgresql"} <= systems, "a request must be followed into the stores"


def test_the_logs_of_every_service_are_kept(deployment: Deployment, dashboards: Website) -> None:
    query = {"query": "_time:1d | stats by (service) count() lines"}
    text = dashboards.get(f"/logs/select/logsql/query?{urlencode(query)}").text
    seen = {json.loads(line)["service"] for line in text.splitlines()}
    assert {"api", "postgres", "redis", "neo4j"} <= seen & deployment.outputs.services.keys()


@pytest.mark.parametrize(
    "path", ["/prometheus/api/v1/admin/tsdb/delete_series", "/logs/insert/jsonline", "/prometheus/-/quit"]
)
def test_nothing_can_be_changed_by_way_of_the_dashboards(dashboards: Website, path: str) -> None:
    assert dashboards.ask("POST", path, b"{}").status in (403, 404, 405)
