"""The frontend image: how it is made, how nginx starts in it, and the pages that it serves."""

import re
import time
from collections.abc import Callable, Iterator

import pytest

from images.tests.engine import Engine, wait_until
from images.tests.frontend_site import HEALTH_CHECK, NGINX, TMPFS, Frontend, start

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def image_id(image: Callable[[str], str]) -> str:
    return image("frontend")


@pytest.fixture(scope="module")
def frontend(engine: Engine, image_id: str) -> Iterator[Frontend]:
    """With the least memory that a stack may give it."""
    with start(engine, image_id, mem_limit="16m", memswap_limit="16m") as running:
        yield running


def test_image_is_small_and_says_how_it_is_run(engine: Engine, image_id: str) -> None:
    attributes = engine.client.images.get(image_id).attrs
    config = attributes["Config"]
    assert attributes["Size"] <= 16e6
    assert config["User"] == "101:101"
    assert config["StopSignal"] == "SIGQUIT"
    assert list(config["ExposedPorts"]) == ["8080/tcp"]
    assert config["Cmd"] == ["nginx", "-g", "daemon off;"]


def test_nginx_starts_without_an_api_as_an_ordinary_user(frontend: Frontend) -> None:
    processes = frontend.running.container.top(ps_args="-eo pid,uid,gid,args")["Processes"]
    assert {(uid, gid) for _, uid, gid, *_ in processes} == {("101", "101")}
    assert sum("worker process" in arguments for *_, arguments in processes) == 1


def test_stop_signal_ends_nginx_cleanly_and_at_once(engine: Engine, image_id: str) -> None:
    with start(engine, image_id) as frontend:
        began = time.monotonic()
        assert frontend.running.stop(within=10) == 0
        assert time.monotonic() - began < 5


def test_sixteen_megabytes_are_enough(frontend: Frontend) -> None:
    assert all(frontend.get("/").status == 200 for _ in range(100))
    frontend.running.container.reload()
    state = frontend.running.container.attrs["State"]
    assert (state["OOMKilled"], state["Running"]) == (False, True)


def test_status_page_is_for_the_container_alone(frontend: Frontend) -> None:
    assert frontend.get("/nginx_status").status == 403
    assert "Active connections" in frontend.running.exec("wget", "-q", "-O", "-", HEALTH_CHECK[-1])


def test_whether_the_pages_are_there_may_be_asked_often_without_filling_the_log(frontend: Frontend) -> None:
    assert frontend.get("/frontend_health", "HEAD").status == 200
    frontend.get("/asked-after-it")
    wait_until(lambda: '"/asked-after-it"' in frontend.running.logs(), within=5)
    assert "frontend_health" not in frontend.running.logs()


@pytest.mark.parametrize("path", ["/", "/index.html", "/groups/42", "/anything.php"])
def test_every_path_of_the_interface_is_the_page_itself(frontend: Frontend, path: str) -> None:
    answer = frontend.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<title>Market Research</title>" in answer.body
    assert answer.headers["cache-control"] == "no-cache"


def test_page_is_sent_again_only_when_it_changed(frontend: Frontend) -> None:
    etag = frontend.get("/").headers["etag"]
    assert frontend.get("/", If_None_Match=etag).status == 304


def test_browser_is_told_to_run_this_origin_alone(frontend: Frontend) -> None:
    for path in ("/", "/groups/42", "/assets/missing.js"):
        headers = frontend.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        for rule in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert rule in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["server"] == "nginx"


def test_page_needs_nothing_that_the_policy_forbids(frontend: Frontend) -> None:
    page = frontend.get("/").body
    assert not re.search(r"<style|style=|<script(?![^>]* src=)|https?://", page)


def test_assets_are_compressed_beforehand_and_kept_for_a_year(frontend: Frontend) -> None:
    found = re.search(r'src="(/assets/[^"]+\.js)"', frontend.get("/").body)
    assert found
    plain = frontend.get(found[1])
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "content-encoding" not in plain.headers
    for coding in ("gzip", "br"):
        answer = frontend.get(found[1], Accept_Encoding=coding)
        assert answer.headers["content-encoding"] == coding
        assert answer.headers["vary"] == "Accept-Encoding"
        assert int(answer.headers["content-length"]) < int(plain.headers["content-length"]) / 2


def test_missing_asset_is_not_the_page_and_not_remembered(frontend: Frontend) -> None:
    answer = frontend.get("/assets/index-old.js")
    assert answer.status == 404
    assert "cache-control" not in answer.headers


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        (None, "API_ADDRESS is ''"),
        ("api", "without a port"),
        ("api:8000; evil", "allowed is host:port"),
        ("a:b", "allowed"),
    ],
)
def test_wrong_api_address_is_told_in_one_line(
    engine: Engine, image_id: str, address: str | None, complaint: str
) -> None:
    environment = {} if address is None else {"API_ADDRESS": address}
    with engine.run(image_id, NGINX, tmpfs=TMPFS, environment=environment) as running:
        assert running.exit_code() == 64
        assert complaint in running.logs()
        assert "--env API_ADDRESS=" in running.logs()
        assert len(running.logs().splitlines()) == 1


def test_templates_take_only_names_that_the_environment_has(engine: Engine, image_id: str) -> None:
    line = "# ${GREETING} ${NOBODY} $host ${API_ADDRESS}"
    environment = {"API_ADDRESS": "api:8000", "GREETING": r"a&b\1 ${GREETING}"}
    with engine.volume({"api.conf.template": line}) as templates:
        mounts = {templates: {"bind": "/etc/nginx/templates", "mode": "ro"}}
        command = ["nginx", "-T", "-q"]
        with engine.run(image_id, command, tmpfs=TMPFS, environment=environment, volumes=mounts) as running:
            assert running.exit_code() == 0
            assert r"# a&b\1 ${GREETING} ${NOBODY} $host api:8000" in running.logs().splitlines()


def test_other_commands_run_as_they_are(engine: Engine, image_id: str) -> None:
    with engine.run(image_id, ["sh", "-c", "echo instead of nginx"]) as running:
        assert running.exit_code() == 0
        assert running.logs() == "instead of nginx\n"
