"""The frontend's stage for hot reload: Vite in the place of nginx, over source that is mounted."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from images.tests.engine import IMAGES, Engine, build
from images.tests.frontend_site import Frontend, echoing_api, start

pytestmark = pytest.mark.docker

PAGE = {"Accept": "text/html"}
RECIPE = str(IMAGES / "frontend" / "dev.Dockerfile")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source that may be changed."""
    return Path(shutil.copytree(IMAGES / "frontend" / "src", tmp_path_factory.mktemp("frontend") / "src"))


@pytest.fixture(scope="module")
def frontend(engine: Engine, source: Path) -> Iterator[Frontend]:
    """With the least memory that a stack may give it."""
    image_id = build("frontend", "--target=dev", f"--file={RECIPE}")
    limits = {"mem_limit": "128m", "memswap_limit": "128m", "nano_cpus": 500_000_000}
    mounts = {str(source): {"bind": "/app/src", "mode": "ro"}}
    with start(engine, image_id, command=None, volumes=mounts, **limits) as running:
        yield running


def test_vite_serves_the_mounted_source_as_an_ordinary_user(frontend: Frontend, source: Path) -> None:
    assert "/@vite/client" in frontend.get("/personas", **PAGE).body
    for file in sorted(source.rglob("*.tsx")):
        assert frontend.get(f"/src/{file.relative_to(source)}").status == 200, file
    processes = frontend.running.container.top(ps_args="-eo pid,uid,gid,args")["Processes"]
    assert {(uid, gid) for _, uid, gid, _ in processes} == {("101", "101")}
    frontend.running.container.reload()
    assert frontend.running.container.attrs["State"]["OOMKilled"] is False


def test_a_changed_file_is_served_as_it_is_now(frontend: Frontend, source: Path) -> None:
    assert "changed" not in frontend.get("/src/api/backoff.ts").body
    with (source / "api" / "backoff.ts").open("a") as file:
        file.write("\nexport const changed = true\n")
    frontend.running.wait_until(lambda: "changed" in frontend.get("/src/api/backoff.ts").body, within=10)


def test_what_is_the_apis_goes_to_the_api_as_it_came(
    engine: Engine, frontend: Frontend, image: Callable[[str], str]
) -> None:
    with echoing_api(engine, frontend, image("frontend"), "api"):
        frontend.running.wait_until(lambda: frontend.who() == "api", within=10)
        assert '"host": "localhost:8081"' in frontend.get("/api/status?a=1", Host="localhost:8081").body
        assert frontend.get("/health?a=1").status == 503
        assert '"asked": "/live"' in frontend.get("/live").body
        assert "/@vite/client" in frontend.get("/healthy", **PAGE).body


def test_pages_of_other_origins_and_names_get_nothing(frontend: Frontend) -> None:
    assert "access-control-allow-origin" not in frontend.get("/src/App.tsx", Origin="http://localhost:3000").headers
    assert frontend.get("/", Host="elsewhere.example").status == 403


def test_it_ends_within_its_time(frontend: Frontend) -> None:
    assert frontend.running.stop(within=15) != 137
