"""The frontend's way to the API: what is passed on, what clients read while there is none, how a new one is found."""

import json
import re
import time
from collections.abc import Callable, Iterator

import pytest

from images.tests.engine import Engine, wait_until
from images.tests.frontend_site import TMPFS, Frontend, echoing_api, start, streaming_api

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def image_id(image: Callable[[str], str]) -> str:
    return image("frontend")


@pytest.fixture(scope="module")
def frontend(engine: Engine, image_id: str) -> Iterator[Frontend]:
    """Without an API, unless a test adds one for itself."""
    with start(engine, image_id) as running:
        yield running


@pytest.fixture(scope="module")
def with_api(engine: Engine, image_id: str) -> Iterator[Frontend]:
    with start(engine, image_id) as frontend, echoing_api(engine, frontend, image_id, "first"):
        wait_until(lambda: frontend.who() == "first", within=5, why=frontend.running.logs)
        yield frontend


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/api/status", "/health", "/live"])
def test_while_the_api_is_away_clients_read_json_and_when_to_ask_again(
    frontend: Frontend, path: str, method: str
) -> None:
    answer = frontend.get(path, method)
    assert answer.status == 502
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert int(answer.headers["retry-after"]) > 0
    assert "try again" in json.loads(answer.body)["detail"]


def test_request_too_large_is_refused_before_it_is_read(frontend: Frontend) -> None:
    assert frontend.get("/api/projects", "POST", Content_Length=str(2 * 1024**2)).status == 413


UPLOAD = "/api/projects/1/stimuli?name=a.png"


@pytest.mark.parametrize("size", [10 * 1024**2, 10 * 1024**2 + 1])
def test_upload_about_as_large_as_allowed_is_for_the_api_to_judge(frontend: Frontend, size: int) -> None:
    assert frontend.get(UPLOAD, "POST", Content_Length=str(size)).status == 502, "there is no API, yet it was asked"


def test_upload_far_too_large_is_refused_in_words_for_people(frontend: Frontend) -> None:
    answer = frontend.get(UPLOAD, "POST", Content_Length=str(12 * 1024**2))
    assert (answer.status, answer.headers["content-type"]) == (413, "application/json")
    assert "10 MB" in json.loads(answer.body)["detail"]


def test_request_reaches_the_api_unchanged_and_says_where_it_came_from(with_api: Frontend) -> None:
    answer = with_api.get("/api/search?q=a%2Fb&x=1", Host="research.example:8443", X_Forwarded_For="1.2.3.4")
    reached = json.loads(answer.body)
    assert reached["asked"] == "/api/search?q=a%2Fb&x=1"
    assert reached["host"] == reached["forwarded_host"] == "research.example:8443"
    assert reached["proto"] == "http"
    assert re.fullmatch(r"[0-9a-f]{32}", reached["id"])
    assert re.fullmatch(r"\d+\.\d+\.\d+\.\d+", reached["for"])
    assert reached["for"] != "1.2.3.4", "an address claimed by the client was believed"


def test_tls_terminator_in_front_is_passed_on(with_api: Frontend) -> None:
    assert json.loads(with_api.get("/api/x", X_Forwarded_Proto="https").body)["proto"] == "https"
    assert json.loads(with_api.get("/api/x", X_Forwarded_Proto="evil").body)["proto"] == "http"


def test_failure_told_by_the_api_itself_is_passed_on_unchanged(with_api: Frontend) -> None:
    answer = with_api.get("/health")
    assert (answer.status, json.loads(answer.body)) == (503, {"status": "unavailable"})
    assert "retry-after" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_access_log_is_json_without_the_query(with_api: Frontend) -> None:
    with_api.get("/api/sign-up?token=onetime")
    # nginx logs after it has answered.
    wait_until(lambda: '"/api/sign-up"' in with_api.running.logs(), within=5)
    entry = json.loads(next(line for line in with_api.running.logs().splitlines() if '"/api/sign-up"' in line))
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/api/sign-up", 200)
    assert "onetime" not in with_api.running.logs()


def test_events_arrive_as_they_happen(engine: Engine, frontend: Frontend, image_id: str) -> None:
    with streaming_api(engine, frontend, image_id):
        wait_until(lambda: frontend.get("/api/x").status == 200, within=5)
        began = time.monotonic()
        arrivals = {line: time.monotonic() - began for line in frontend.lines("/api/events") if line}
    assert list(arrivals) == ["data: one", "data: two"]
    assert arrivals["data: one"] < 0.7 < arrivals["data: two"]


def test_api_that_was_replaced_is_found_again_at_its_new_address(
    engine: Engine, frontend: Frontend, image_id: str
) -> None:
    with echoing_api(engine, frontend, image_id, "old") as old:
        wait_until(lambda: frontend.who() == "old", within=5)
        old.container.kill()
        wait_until(lambda: frontend.get("/api/status").status in {502, 504}, within=5)
        # Takes the address of the dead one, so that its successor gets another.
        with (
            engine.run(image_id, ["busybox", "sleep", "60"], network=frontend.network, tmpfs=TMPFS),
            echoing_api(engine, frontend, image_id, "new"),
        ):
            assert wait_until(lambda: frontend.who() == "new", within=5, why=frontend.running.logs) < 2


def test_reader_does_not_notice_when_one_of_two_apis_goes(engine: Engine, frontend: Frontend, image_id: str) -> None:
    with (
        echoing_api(engine, frontend, image_id, "old") as old,
        echoing_api(engine, frontend, image_id, "new"),
    ):
        wait_until(lambda: frontend.who() == "old", within=5)
        wait_until(lambda: frontend.who() == "new", within=5)
        old.container.kill()
        assert [frontend.who() for _ in range(20)] == ["new"] * 20
