"""The dashboards' image: how it is made, what it shows, and which ways into the stores it opens."""

import json
import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect

from images.tests.dashboards_site import STORES, Site, start, stores
from images.tests.engine import Engine, wait_until
from smoke_tests.browser import NoBrowserError, browser

pytestmark = pytest.mark.docker
NOT_OF_LOOPBACK = "untrustworthy"
"""People open it at 127.0.0.1, which is trusted without TLS; the container's own address is not."""
TELL_OF_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (violation) =>
    console.error(`${violation.violatedDirective} forbids ${violation.blockedURI}`));
"""


@pytest.fixture(scope="module")
def image_id(image: Callable[[str], str]) -> str:
    return image("dashboards")


@pytest.fixture(scope="module")
def site(engine: Engine, image_id: str) -> Iterator[Site]:
    """With the least memory that a stack may give it, and all stores."""
    with start(engine, image_id) as site, stores(site, image_id):
        wait_until(lambda: site.get("/zipkin/").status == 200, within=15)
        yield site


@pytest.fixture(scope="module")
def alone(engine: Engine, image_id: str) -> Iterator[Site]:
    """Without stores, and without files."""
    with start(engine, image_id, files={}) as site:
        yield site


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    try:
        with browser() as running:
            yield running
    except NoBrowserError as error:
        pytest.skip(str(error))


def test_image_is_small_and_says_how_it_is_run(engine: Engine, image_id: str) -> None:
    attributes = engine.client.images.get(image_id).attrs
    config = attributes["Config"]
    assert attributes["Size"] <= 20e6
    assert config["User"] == "101:101"
    assert config["StopSignal"] == "SIGQUIT"
    assert list(config["ExposedPorts"]) == ["3000/tcp"]
    assert config["Cmd"] == ["nginx", "-g", "daemon off; worker_processes 1;"]


def test_nginx_starts_without_stores_and_files_as_an_ordinary_user(alone: Site) -> None:
    processes = alone.running.container.top(ps_args="-eo pid,uid,gid,args")["Processes"]
    assert {(uid, gid) for _, uid, gid, *_ in processes} == {("101", "101")}
    assert alone.get("/").status == 200
    assert alone.get("/dashboards.json").status == 404


def test_stop_signal_ends_nginx_cleanly_and_at_once(engine: Engine, image_id: str) -> None:
    with start(engine, image_id) as site:
        began = time.monotonic()
        assert site.running.stop(within=10) == 0
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("path", ["/", "/overview", "/alerts", "/runbooks/GuestsMissing"])
def test_every_path_of_the_interface_is_the_page_itself(site: Site, path: str) -> None:
    answer = site.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<div id="root">' in answer.body
    assert answer.headers["cache-control"] == "no-cache"


def test_browser_is_told_to_run_this_origin_alone(site: Site) -> None:
    for path in ("/", "/dashboards.json", "/assets/missing.js"):
        headers = site.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert rule in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["server"] == "nginx"


def test_assets_are_compressed_beforehand_and_kept_for_a_year(site: Site) -> None:
    found = re.search(r'src="(/assets/[^"]+\.js)"', site.get("/").body)
    assert found
    plain = site.get(found[1])
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    for coding in ("gzip", "br"):
        answer = site.get(found[1], Accept_Encoding=coding)
        assert answer.headers["content-encoding"] == coding
        assert int(answer.headers["content-length"]) < int(plain.headers["content-length"]) / 2


def test_what_the_stack_made_is_read_anew_and_nothing_beside_it(site: Site) -> None:
    assert json.loads(site.get("/dashboards.json").body)[0]["uid"] == "overview"
    assert json.loads(site.get("/dashboards/overview.json").body)["kind"] == "Dashboard"
    assert site.get("/dashboards/overview.json").headers["cache-control"] == "no-cache"
    assert site.get("/runbooks/GuestsMissing.md").body.startswith("# Guests")
    for path in ("/dashboards/other.json", "/runbooks/Other.md", "/dashboards/runbook-GuestsMissing.json"):
        assert site.get(path).status == 404


@pytest.mark.parametrize(
    ("path", "method", "store", "asked"),
    [
        ("/prometheus/api/v1/query?query=up", "GET", "prometheus", "/api/v1/query?query=up"),
        ("/prometheus/api/v1/query_range", "POST", "prometheus", "/api/v1/query_range"),
        ("/prometheus/api/v1/label/job/values", "GET", "prometheus", "/api/v1/label/job/values"),
        ("/alertmanager/api/v2/alerts?active=true", "GET", "alertmanager", "/api/v2/alerts?active=true"),
        ("/logs/select/logsql/query?query=*", "POST", "victorialogs", "/select/logsql/query?query=*"),
        ("/logs/select/vmui/", "GET", "victorialogs", "/select/vmui/"),
        ("/zipkin/api/v2/traces?limit=1", "GET", "zipkin", "/zipkin/api/v2/traces?limit=1"),
    ],
)
def test_stores_are_asked_what_the_page_needs(site: Site, path: str, method: str, store: str, asked: str) -> None:
    answer = site.get(path, method)
    assert answer.status == 200
    assert json.loads(answer.body) == {"port": STORES[store], "asked": f"{method} {asked}"}


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/prometheus/api/v1/admin/tsdb/delete_series", "POST"),
        ("/prometheus/api/v1/status/config", "GET"),
        ("/prometheus/-/quit", "POST"),
        ("/prometheus/api/v1/query", "DELETE"),
        ("/alertmanager/api/v2/alerts", "POST"),
        ("/alertmanager/api/v2/silences", "POST"),
        ("/logs/insert/jsonline", "POST"),
        ("/logs/select/../insert/jsonline", "POST"),
        ("/logs/select/%2e%2e/insert/jsonline", "POST"),
        ("/logs/select/x%20HTTP/1.1%0d%0aX:%20y", "GET"),
        ("/logs/metrics", "GET"),
        ("/zipkin/api/v2/spans", "POST"),
        ("/api/v2/spans", "POST"),
    ],
)
def test_nothing_can_be_written_or_managed_through_it(site: Site, path: str, method: str) -> None:
    answer = site.get(path, method)
    assert answer.status in (403, 404, 405)
    assert "asked" not in answer.body


def test_pages_of_others_read_nothing(site: Site) -> None:
    answer = site.get("/prometheus/api/v1/query?query=up", Origin="https://elsewhere.example")
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:3000", 200), ("127.0.0.1:3000", 200), ("dashboards:3000", 200), ("rebound.example", 421)],
)
def test_it_answers_by_its_own_names_alone(site: Site, host: str, status: int) -> None:
    assert site.get("/dashboards.json", Host=host).status == status


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/logs/", "/logs/select/vmui/"),
        ("/traces/", "/zipkin/"),
        ("/traces/463ac35c9f6413ad48485a3953bb6124", "/zipkin/traces/463ac35c9f6413ad48485a3953bb6124"),
    ],
)
def test_short_ways_lead_to_the_pages_of_the_stores(site: Site, path: str, target: str) -> None:
    answer = site.get(path)
    assert (answer.status, answer.headers["location"]) == (302, target)


@pytest.mark.parametrize("path", ["/prometheus/api/v1/query", "/alertmanager/api/v2/alerts", "/logs/select/vmui/"])
def test_store_that_is_away_is_told_by_name(alone: Site, path: str) -> None:
    answer = alone.get(path)
    assert answer.status == 502
    assert "does not answer" in json.loads(answer.body)["error"]
    assert answer.headers["cache-control"] == "no-store"


def test_store_that_comes_later_is_found(alone: Site, image_id: str) -> None:
    with stores(alone, image_id):
        wait_until(lambda: alone.get("/zipkin/").status == 200, within=15)
    wait_until(lambda: alone.get("/zipkin/").status == 502, within=15)


def test_log_tells_the_path_as_asked_without_what_was_searched_for(site: Site) -> None:
    site.get("/overview?start=1h")
    wait_until(lambda: '"path":"/overview"' in site.running.logs(), within=5)
    assert "start=1h" not in site.running.logs()


def test_browser_shows_panels_alerts_and_runbooks_within_the_policy(site: Site, chromium: Browser) -> None:
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script(TELL_OF_VIOLATIONS)
    page.goto(f"http://{site.address}:3000/")
    expect(page.get_by_role("heading", name="At a glance")).to_be_visible()
    expect(page.get_by_text("42", exact=True)).to_be_visible()
    page.get_by_role("link", name="Alerts").click()
    expect(page.get_by_text("Nobody came")).to_be_visible()
    expect(page.get_by_text("The watchdog")).to_be_visible()
    page.get_by_role("link", name="What to do").click()
    expect(page.get_by_role("heading", name="Guests are missing")).to_be_visible()
    assert [complaint for complaint in complaints if NOT_OF_LOOPBACK not in complaint] == []
