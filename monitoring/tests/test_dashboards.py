"""Every dashboard asks what can be answered, and is the same in both programs."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import promql_parser
import pytest
import yaml

from monitoring.dashboards import dashboards, files, grafana_files
from monitoring.dashboards.metrics import METRICS
from monitoring.dashboards.panel import COLUMNS, RATE, Dashboard, Panel, Query, Row
from monitoring.tests.cases import STACK, WITHOUT_EDGE

KNOWN = frozenset().union(*METRICS.values())
PARTS = ("_bucket", "_count", "_sum")
LOG_SEARCH = "http://127.0.0.1:3000/logs/select/vmui/"
STACKS = {"edge": STACK, "no edge": WITHOUT_EDGE}
PAGES = [pytest.param(page, id=f"{page.uid}, {name}") for name, stack in STACKS.items() for page in dashboards(stack)]
INNER = ("lhs", "rhs", "expr", "param", "vector_selector", "args")


def selectors(node: Any) -> Iterator[promql_parser.VectorSelector]:
    """Every choice of series in an expression."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for name in INNER:
        inner = getattr(node, name, None)
        for child in inner if isinstance(inner, list) else [inner]:
            if child is not None and not isinstance(child, str):
                yield from selectors(child)


def metric(name: str) -> str:
    """The metric that a name of a series belongs to."""
    bare = next((name.removesuffix(part) for part in PARTS if name.endswith(part)), name)
    return bare if bare in KNOWN else name


def asked(page: Dashboard) -> Iterator[tuple[str, str]]:
    """The title of each panel with each of its queries."""
    for panel in page.panels:
        for query in panel.queries:
            yield panel.title, query.asked()


@pytest.mark.parametrize("page", PAGES)
def test_every_query_is_promql_and_asks_for_metrics_that_somebody_gives(page: Dashboard):
    for title, expr in asked(page):
        assert "$" not in expr
        names = {selector.name or "" for selector in selectors(promql_parser.parse(expr))}
        assert names, title
        assert not {name for name in names if metric(name) not in KNOWN}, title


@pytest.mark.parametrize("page", PAGES)
def test_no_query_is_about_one_container_by_its_address(page: Dashboard):
    for title, expr in asked(page):
        for selector in selectors(promql_parser.parse(expr)):
            assert "instance" not in {matcher.name for matcher in selector.matchers.matchers}, title


@pytest.mark.parametrize("page", PAGES)
def test_every_series_of_a_graph_has_a_name(page: Dashboard):
    for panel in page.panels:
        if panel.kind in ("timeseries", "bar", "table"):
            assert all(query.legend for query in panel.queries), panel.title


@pytest.mark.parametrize("page", PAGES)
def test_every_label_in_a_name_is_one_that_the_query_keeps(page: Dashboard):
    for panel in page.panels:
        for query in panel.queries:
            for label in re.findall(r"{{(\w+)}}", query.legend):
                assert re.search(rf"by \([^)]*\b{label}\b[^)]*\)", query.expr), (panel.title, label)


@pytest.mark.parametrize("page", PAGES)
def test_a_table_keeps_the_label_that_its_lines_stand_for(page: Dashboard):
    for panel in page.panels:
        if panel.kind == "table":
            assert panel.heading
            for query in panel.queries:
                assert re.search(rf"by \([^)]*\b{panel.rows}\b[^)]*\)", query.expr), (panel.title, query.legend)


@pytest.mark.parametrize("page", PAGES)
def test_panels_are_inside_the_grid_and_do_not_overlap(page: Dashboard):
    for row in page.rows:
        cells = [
            {(column, line) for column in range(x, x + panel.width) for line in range(y, y + panel.height)}
            for panel, x, y in row.placed
        ]
        assert all(0 <= column < COLUMNS for taken in cells for column, _ in taken)
        assert not any(one & other for one, other in combinations(cells, 2)), row.title


@pytest.mark.parametrize("page", PAGES)
def test_panels_say_what_they_mean_under_a_title_of_their_own(page: Dashboard):
    for row in page.rows:
        titles = [panel.title for panel in row.panels]
        assert len(set(titles)) == len(titles), row.title
        assert all(panel.description.endswith(".") for panel in row.panels), row.title


@pytest.mark.parametrize("stack", STACKS.values(), ids=list(STACKS))
def test_dashboards_have_an_address_and_a_title_of_their_own(stack):
    shown = dashboards(stack)
    for one_of_them in ("uid", "title"):
        values = [getattr(page, one_of_them) for page in shown]
        assert len(set(values)) == len(values)
    assert all(re.fullmatch(r"[a-z0-9-]{1,40}", page.uid) for page in shown)
    assert not {page.uid for page in shown} & {"alerts", "assets", "dashboards", "logs", "runbooks", "traces", "zipkin"}


def test_a_query_is_asked_with_a_range_in_the_place_of_what_stands_for_it():
    assert Query(f"rate(up[{RATE}])").asked(90) == "rate(up[90s])"


def test_a_line_that_is_full_is_followed_by_the_next_one_below_the_tallest():
    def panel(width: int, height: int) -> Panel:
        return Panel(title="", description="", unit="count", queries=(), width=width, height=height)

    row = Row("", (panel(12, 4), panel(8, 9), panel(12, 4)))
    assert [(x, y) for _, x, y in row.placed] == [(0, 0), (12, 0), (0, 9)]
    assert row.height == 13


def test_way_in_is_seen_at_the_edge_only_where_there_is_one():
    def of_haproxy(stack) -> bool:
        return any("haproxy_" in expr for page in dashboards(stack) for _, expr in asked(page))

    assert (of_haproxy(STACK), of_haproxy(WITHOUT_EDGE)) == (True, False)


def test_page_finds_every_dashboard_of_the_menu():
    made = files(STACK)
    menu = json.loads(made["dashboards.json"])
    assert [entry["uid"] for entry in menu] == [page.uid for page in dashboards(STACK)]
    assert made.keys() == {"dashboards.json", *(f"dashboard-{entry['uid']}.json" for entry in menu)}


def perses_panels(text: str) -> list[tuple[str, list[str]]]:
    """Titles and queries in the order in which they are shown."""
    spec = json.loads(text)["spec"]
    shown = []
    for layout in spec["layouts"]:
        for item in layout["spec"]["items"]:
            panel = spec["panels"][item["content"]["$ref"].rpartition("/")[2]]["spec"]
            queries = [query["spec"]["plugin"]["spec"]["query"] for query in panel["queries"]]
            shown.append((panel["display"]["name"], queries))
    return shown


def grafana_panels(text: str) -> list[Mapping[str, Any]]:
    """Its panels without the rows' headings."""
    return [panel for panel in json.loads(text)["panels"] if panel["type"] != "row"]


@pytest.mark.parametrize("stack", STACKS.values(), ids=list(STACKS))
def test_both_programs_show_the_same_panels_with_the_same_queries(stack):
    page, drawn = files(stack), grafana_files(stack, LOG_SEARCH)
    for shown in dashboards(stack):
        described = [(panel.title, [query.expr for query in panel.queries]) for panel in shown.panels]
        panels = grafana_panels(drawn[f"dashboards/{shown.uid}.json"])
        assert [(one["title"], [query["expr"] for query in one["targets"]]) for one in panels] == described
        assert perses_panels(page[f"dashboard-{shown.uid}.json"]) == described


def test_grafana_tells_panels_and_queries_apart_and_asks_the_source_that_people_choose():
    for name, text in grafana_files(STACK, LOG_SEARCH).items():
        if not name.startswith("dashboards/"):
            continue
        ids = [panel["id"] for panel in json.loads(text)["panels"]]
        assert len(set(ids)) == len(ids)
        for panel in grafana_panels(text):
            refs = [query["refId"] for query in panel["targets"]]
            assert len(set(refs)) == len(refs)
            assert all(refs), panel["title"]
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
            for asking in (panel, *panel["targets"]):
                assert asking["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_grafana_leads_to_the_page_where_logs_are_searched():
    links = json.loads(grafana_files(STACK, LOG_SEARCH)["dashboards/overview.json"])["links"]
    assert [link["url"] for link in links] == [LOG_SEARCH]


def test_grafana_finds_its_sources_and_the_dashboards():
    made = grafana_files(STACK, LOG_SEARCH)
    sources = yaml.safe_load(made["provisioning/datasources/market-research.yaml"])["datasources"]
    assert {source["uid"]: source["url"] for source in sources} == {
        "prometheus": "http://prometheus:9090",
        "alertmanager": "http://alertmanager:9093",
        "zipkin": "http://zipkin:9411",
    }
    assert [source["uid"] for source in sources if source.get("isDefault")] == ["prometheus"]
    (provider,) = yaml.safe_load(made["provisioning/dashboards/market-research.yaml"])["providers"]
    assert provider["options"] == {"path": "/var/lib/grafana/dashboards"}


def test_what_is_up_is_told_in_words():
    spec = json.loads(files(STACK)["dashboard-overview.json"])["spec"]["panels"]["panel-0"]["spec"]["plugin"]["spec"]
    assert [mapping["spec"]["result"]["value"] for mapping in spec["mappings"]] == ["Up", "Down"]
