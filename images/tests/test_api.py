"""The API's image: what is in it, and how it serves with and without its stores."""

import io
import signal
import tarfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest

from images.tests.api_stand import PASSWORD, PROBE, Stand
from images.tests.api_stores import empty_stand, login_stand, paused
from images.tests.engine import Engine

LARGEST_BYTES = 120_000_000
# After this time an answer of /health is not taken from memory any more.
OLD_SECONDS = 1.1


@pytest.fixture(scope="module")
def lonely(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    with empty_stand(engine, image("api")) as stand:
        yield stand


@pytest.fixture(scope="module")
def stand(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    with login_stand(engine, image) as stand:
        yield stand


@pytest.fixture(scope="module")
def files(lonely: Stand) -> dict[str, tarfile.TarInfo]:
    container = lonely.engine.client.containers.create(lonely.image)
    try:
        archive = io.BytesIO(b"".join(cast(Iterator[bytes], container.export())))
    finally:
        container.remove()
    with tarfile.open(fileobj=archive) as opened:
        return {entry.name: entry for entry in opened}


def test_it_is_small_and_says_how_it_wants_to_be_run(lonely: Stand) -> None:
    facts = lonely.engine.client.images.get(lonely.image).attrs
    assert facts["Size"] <= LARGEST_BYTES
    config = facts["Config"]
    assert (config["User"], config["WorkingDir"], config["StopSignal"]) == ("10001:10001", "/app", "SIGTERM")
    assert list(config["ExposedPorts"]) == ["8000/tcp", "9464/tcp"]
    assert "Healthcheck" not in config


def test_it_has_no_shell_no_package_manager_and_no_tests(files: dict[str, tarfile.TarInfo]) -> None:
    names = {name.rpartition("/")[2] for name, file in files.items() if not file.isdir()}
    assert not names & {"sh", "bash", "dash", "busybox", "apt", "dpkg", "pip", "gcc", "strip"}
    assert not [name for name in files if name.startswith("app/tests")]


def test_everything_that_can_be_imported_is_compiled_already(files: dict[str, tarfile.TarInfo]) -> None:
    sources = [name for name in files if name.startswith(("app/", "opt/")) and name.endswith(".py")]
    assert len(sources) > 500
    for name in sources:
        folder, _, file = name.rpartition("/")
        assert f"{folder}/__pycache__/{file.removesuffix('.py')}.cpython-313.pyc" in files, name


def test_nothing_in_it_but_the_folder_for_uploads_belongs_to_or_can_be_written_by_its_user(
    files: dict[str, tarfile.TarInfo],
) -> None:
    writable = [e.name for e in files.values() if e.uid != 0 or (e.mode & 0o002 and not e.issym() and e.name != "tmp")]
    assert [name for name in writable if not name.startswith(("dev", "proc", "sys"))] == ["srv/files"]


def test_without_stores_it_serves_says_which_are_down_and_stays(lonely: Stand) -> None:
    with lonely.api() as api:
        body = api.health()
        assert body["code"] == 503
        assert (body["postgres"], body["redis"], body["neo4j"]) == ("down", "down", "down")
        assert api.get("/live").status_code == 200
        code, output = api.running.attempt(*PROBE)
        assert code == 1
        assert '"status":"starting"' in output


def test_with_its_stores_it_is_healthy_although_neo4j_is_down(stand: Stand) -> None:
    with stand.api() as api:
        api.wait_for(code=200, status="ok", postgres="up", redis="up", neo4j="down", migration="0003")
        assert '"status":"ok"' in api.running.exec(*PROBE)
        assert PASSWORD not in api.running.logs()
        assert all(line.startswith('{"time":') for line in api.running.logs().splitlines())


def test_it_finds_a_store_again_that_was_away(stand: Stand) -> None:
    redis = stand.engine.client.containers.get(stand.redis)
    with stand.api() as api:
        api.wait_for(code=200)
        redis.stop()
        api.wait_for(code=503, status="unavailable", postgres="up", redis="down")
        redis.start()
        api.wait_for(code=200)


def test_a_store_that_hangs_does_not_hang_the_probe(stand: Stand) -> None:
    with stand.api() as api, paused(stand.engine, stand.postgres):
        time.sleep(OLD_SECONDS)
        start = time.monotonic()
        assert api.health()["postgres"] == "down"
        assert time.monotonic() - start < 2


def test_a_request_in_flight_is_answered_after_sigterm(stand: Stand) -> None:
    with stand.api(DRAIN_SECONDS="0") as api, ThreadPoolExecutor(1) as background:
        api.wait_for(code=200)
        with paused(stand.engine, stand.redis):
            time.sleep(OLD_SECONDS)
            slow = background.submit(api.get, "/api/status")
            time.sleep(0.3)
            assert not slow.done()
            api.running.container.kill(signal.SIGTERM)
            assert slow.result().json()["redis"] == "down"
        assert api.running.exit_code() in (0, 128 + signal.SIGTERM)


def test_while_draining_it_still_answers_and_says_so(stand: Stand) -> None:
    with stand.api(DRAIN_SECONDS="3") as api:
        api.wait_for(code=200)
        api.running.container.kill(signal.SIGTERM)
        api.wait_for(code=503, status="draining")
        assert api.get("/api/status").status_code == 200
        assert api.running.exit_code() in (0, 128 + signal.SIGTERM)


def test_several_workers_serve_and_leave_together(stand: Stand) -> None:
    with stand.api(WORKERS="2") as api:
        api.wait_for(code=200)
        api.running.wait_until(lambda: api.running.logs().count("Application startup complete") == 2)
        assert api.running.stop() in (0, 128 + signal.SIGTERM)


def test_a_wrong_setting_ends_it_with_one_line_that_names_it(lonely: Stand) -> None:
    with lonely.run(extra={"WORKERS": "many"}) as running:
        assert running.exit_code() == 1
        assert running.logs().splitlines()[0].startswith("WORKERS: ")
        assert "Traceback" not in running.logs()


def test_a_missing_secret_ends_it_with_one_line_that_names_the_file(lonely: Stand) -> None:
    with lonely.run(secrets={"postgres_password": "x", "redis_password": "x"}) as running:
        assert running.exit_code() == 1
        assert running.logs() == "/run/secrets/neo4j_password: no such file\n"
