"""The collector's image: every line of the stack's containers comes to the store once, whatever is away for a while."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from images.tests.engine import Engine, Running, wait_until
from images.tests.log_stand import STATE, Stand, said, stand
from images.tests.log_store import Store

ENTRY = {
    "level": "info",
    "message": "request",
    "status": 200,
    "ms": 1.5,
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
}
WITHIN = 20  # seconds from a line to the store, on a busy machine


@pytest.fixture(scope="module")
def here(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    with stand(engine, image) as here:
        yield here


@pytest.fixture
def apart(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    """Another, for a test that stops things."""
    with stand(engine, image) as apart:
        yield apart


@pytest.fixture(scope="module")
def store(here: Stand) -> Iterator[Store]:
    """A store, with a collector before it, for the tests that disturb neither."""
    volume = here.engine.volume
    with volume() as data, here.store(data) as store, volume() as state, here.collector(state):
        yield store


def found(store: Store, service: str, number: int = 1) -> list[dict[str, str]]:
    """The entries of a service, as soon as there are so many, in the order of their time."""
    return store.soon(f'{{service="{service}"}} | sort by (_time)', number, WITHIN)


def counting(lines: int, per_second: int) -> str:
    """A script that prints numbered lines at a steady pace."""
    burst = per_second // 10
    return (
        f"i=0; while [ $i -lt {lines} ]; do j=0; while [ $j -lt {burst} ]; do "
        'echo "line $i, of about the length that a line of a log has, or a little more than that"; '
        "i=$((i+1)); j=$((j+1)); done; busybox sleep 0.1; done"
    )


def exactly_once(store: Store, service: str, lines: int) -> bool:
    row = store.ask(f'{{service="{service}"}} | stats count() as all, count_uniq(_msg) as different')[0]
    return int(row["all"]) == int(row["different"]) == lines


def buffered(collector: Running) -> int:
    return int(collector.exec("sh", "-c", f"stat -c %s {STATE}/*.rqf"))


def test_the_image_is_small_and_its_root_has_no_capability(here: Stand, store: Store) -> None:
    image = here.image("logcollector")
    assert here.engine.client.images.get(image).attrs["Size"] <= 33e6
    with here.engine.volume() as state, here.collector(state) as collector:
        assert "CapEff:\t0000000000000000" in collector.exec("sh", "-c", "cat /proc/1/status")


def test_a_line_of_json_gives_its_fields_and_any_other_line_is_the_message(here: Stand, store: Store) -> None:
    with here.service(
        "fields", said(ENTRY, 'LOG:  checkpoint "complete": {wrote} 3 buffers', {"msg": "other name"})
    ) as api:
        entries = found(store, "fields", 3)
        docker_times = [line.split()[0] for line in api.container.logs(timestamps=True).decode().splitlines()]
        identity = api.container.id
    assert identity
    ours = {"service": "fields", "container": identity[:12], "stream": "stdout"}
    texts = ["request", 'LOG:  checkpoint "complete": {wrote} 3 buffers', "other name"]
    assert [entry["_msg"] for entry in entries] == texts
    assert {key: value for key, value in entries[0].items() if not key.startswith("_")} == {
        **ours,
        **{key: str(value) for key, value in ENTRY.items() if key != "message"},
    }
    assert {key: value for key, value in entries[1].items() if not key.startswith("_")} == ours
    assert [entry["_time"].rstrip("Z")[:26] for entry in entries] == [time.rstrip("Z")[:26] for time in docker_times]


def test_a_request_that_says_nothing_is_told_by_what_was_asked_and_anything_else_by_itself(
    here: Stand, store: Store
) -> None:
    access = {"method": "GET", "path": "/api/projects", "status": 404, "request_id": "ab12"}
    with here.service("silent", said(access, {"wrote": 3}, "{not JSON")):
        entries = found(store, "silent", 3)
    assert [entry["_msg"] for entry in entries] == ["GET /api/projects 404", '{"wrote": 3}', "{not JSON"]
    assert entries[0]["request_id"] == "ab12"
    assert entries[1]["wrote"] == "3"


def test_errors_are_told_from_output_and_no_line_counts_as_another_containers(here: Stand, store: Store) -> None:
    forged = {
        **ENTRY,
        "service": "api",
        "container": "somebody",
        "stream": "stdin",
        "@timestamp": "2001-01-01T00:00:00Z",
    }
    with here.service("streams", f"({said(forged)}) >&2"):
        entry = found(store, "streams")[0]
    assert entry["stream"] == "stderr"
    assert entry["container"] != "somebody"
    assert not entry["_time"].startswith("2001")


def test_a_line_that_docker_splits_comes_whole(here: Stand, store: Store) -> None:
    long = {"message": "long", "answer": "word " * 10_000}
    with here.service("long", said("before", long, "after")):
        entries = found(store, "long", 3)
    assert [entry["_msg"] for entry in entries] == ["before", "long", "after"]
    assert entries[1]["answer"] == long["answer"]


def test_lines_of_other_stacks_stay_where_they_are(here: Stand, store: Store) -> None:
    with here.service("theirs", said("not ours"), stack="another"), here.service("ours", said("ours")):
        found(store, "ours")
        time.sleep(2)
        assert store.count('{service="theirs"}') == 0


def test_the_last_words_of_a_container_are_kept_if_it_is_removed_a_second_later(here: Stand, store: Store) -> None:
    for number in range(3):
        with here.service("short", said(f"last words {number}") + "\nexit") as job:
            job.exit_code()
            time.sleep(1)
    assert [entry["_msg"] for entry in found(store, "short", 3)] == [f"last words {number}" for number in range(3)]


def test_no_line_is_lost_or_doubled_while_files_rotate_and_the_collector_and_the_store_are_away(apart: Stand) -> None:
    """Stopped, killed, and the store away; each time the file that it was reading is rotated before it is back."""
    lines = 20_000
    with (
        apart.engine.volume() as data,
        apart.engine.volume() as state,
        apart.store(data) as store,
        apart.collector(state) as collector,
        apart.service("counted", counting(lines, 1000), max_size="1m"),
    ):
        time.sleep(2)
        collector.container.restart(timeout=10)
        time.sleep(2)
        collector.container.kill("SIGKILL")
        time.sleep(3)
        collector.container.start()
        store.running.container.stop(timeout=10)
        time.sleep(4)
        store.running.container.start()
        wait_until(
            lambda: store.healthy() and exactly_once(store, "counted", lines),
            within=60,
            why=lambda: str(store.ask("* | stats count() as all, count_uniq(_msg) as different")),
        )


def test_without_a_store_it_reads_as_much_as_its_buffer_holds_and_the_rest_later(apart: Stand) -> None:
    lines = 50_000
    with (
        apart.engine.volume() as data,
        apart.engine.volume() as state,
        apart.collector(state, LOGS_BUFFER_MB="32") as collector,
        apart.service("waiting", counting(lines, 20_000), max_size="50m"),
    ):
        wait_until(lambda: buffered(collector) > 15e6, within=WITHIN)
        time.sleep(4)
        assert buffered(collector) < 33e6
        with apart.store(data) as store:
            wait_until(lambda: exactly_once(store, "waiting", lines), within=60)


def test_elasticsearch_gets_the_same_documents_with_its_authorization(apart: Stand) -> None:
    asked: list[tuple[str, str, list[dict[str, object]]]] = []

    class Bulk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append((self.path, self.headers["Authorization"], [json.loads(line) for line in body.splitlines()]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"errors":false,"items":[]}')

        def log_message(self, *_: object) -> None: ...

    gateway = apart.engine.client.networks.get(apart.network).attrs["IPAM"]["Config"][0]["Gateway"]
    server = HTTPServer((gateway, 0), Bulk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with apart.engine.volume({"authorization": "ApiKey c2VjcmV0"}) as state:
            where = {
                "LOGS_URL": f"http://{gateway}:{server.server_port}",
                "LOGS_AUTHORIZATION_FILE": f"{STATE}/authorization",
            }
            with apart.collector(state, **where), apart.service("elastic", said(ENTRY)):
                wait_until(lambda: any("elastic" in str(call) for call in asked), within=WITHIN)
    finally:
        server.shutdown()
        server.server_close()
    path, authorization, documents = next(call for call in asked if "elastic" in str(call))
    assert (path, authorization) == ("/_bulk", "ApiKey c2VjcmV0")
    place = next(number for number, each in enumerate(documents) if each.get("service") == "elastic")
    assert documents[place - 1] == {"create": {"_index": f"logs-containers-{apart.stack}"}}
    assert {key: documents[place][key] for key in ENTRY} == ENTRY, "numbers stay numbers"
    assert str(documents[place]["@timestamp"]).startswith("20")


def test_a_missing_setting_is_told_by_name(engine: Engine, image: Callable[[str], str]) -> None:
    with engine.run(image("logcollector"), environment={"LOGS_URL": "http://store", "LOGS_PROJECT": "p"}) as collector:
        assert collector.exit_code() == 64
        assert "LOGS_STACK is not set" in collector.logs()


@pytest.mark.parametrize("megabytes", ["31", "much"])
def test_a_buffer_without_room_is_refused(engine: Engine, image: Callable[[str], str], megabytes: str) -> None:
    settings = {"LOGS_URL": "http://store", "LOGS_PROJECT": "p", "LOGS_STACK": "s", "LOGS_BUFFER_MB": megabytes}
    with engine.run(image("logcollector"), environment=settings) as collector:
        assert collector.exit_code() == 64
        assert f"LOGS_BUFFER_MB is {megabytes}" in collector.logs()
