"""The log store's image: lines are taken, found, shown and kept, within bounds of memory and disk."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from images.tests.engine import Engine, wait_until
from images.tests.log_store import Store, refusal, started

NOW = datetime.now(UTC)
ENTRY = {
    "@timestamp": NOW.isoformat(),
    "message": "persona made",
    "service": "api",
    "container": "0123",
    "level": "info",
}


@pytest.fixture(scope="module")
def victorialogs(image: Callable[[str], str]) -> str:
    return image("victorialogs")


@pytest.fixture(scope="module")
def store(engine: Engine, victorialogs: str) -> Iterator[Store]:
    with engine.volume() as volume, started(engine, victorialogs, volume) as store:
        yield store


def entries(number: int, day: datetime = NOW) -> Iterator[dict[str, object]]:
    """As the API's lines, with words that do not compress."""
    for each in range(number):
        word = random.randbytes(100).hex()
        yield {**ENTRY, "@timestamp": day.isoformat(), "message": f"line {each} {word}", "trace_id": word[:32]}


def test_the_image_is_small_and_holds_no_shell(engine: Engine, victorialogs: str, store: Store) -> None:
    assert engine.client.images.get(victorialogs).attrs["Size"] <= 20e6
    assert store.running.attempt("sh", "-c", "true")[0] != 0


def test_it_tells_its_version(store: Store) -> None:
    assert 'short_version="v1.52.1"' in store.get("/metrics")


def test_lines_are_found_by_words_fields_and_streams(store: Store) -> None:
    store.take([{**ENTRY, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}])
    for query in ("persona", 'trace_id:="4bf92f3577b34da6a3ce929d0e0e4736"', '{service="api"} level:info'):
        found = store.soon(query)
        assert [each["_msg"] for each in found] == ["persona made"], query
        assert found[0]["_stream"] == '{container="0123",service="api"}'
        assert datetime.fromisoformat(found[0]["_time"]) == NOW


def test_its_page_is_whole_and_asks_for_everything_by_relative_addresses(store: Store) -> None:
    page = store.get("/select/vmui/")
    assert "UI for VictoriaLogs" in page
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert all(address.startswith("./") for address in addresses), "it can stand behind a proxy's path"
    for address in addresses:
        assert store.get(f"/select/vmui/{address[2:]}"), address


def test_lines_outlive_a_stop_and_a_crash(engine: Engine, victorialogs: str) -> None:
    with engine.volume() as volume:
        with started(engine, victorialogs, volume) as store:
            store.take([{**ENTRY, "message": "before the stop"}])
            assert store.running.stop(within=10) == 0
        with started(engine, victorialogs, volume) as store:
            assert store.count('"before the stop"') == 1
            store.take([{**ENTRY, "message": "before the crash"}])
            wait_until(lambda: store.count('"before the crash"') == 1, within=10)
            wait_until(lambda: 'vl_storage_rows{type="storage/inmemory"} 0' in store.get("/metrics"), within=5)
            store.running.container.kill("SIGKILL")
        with started(engine, victorialogs, volume) as store:
            assert store.count() == 2


def test_the_oldest_days_go_when_the_disk_space_given_is_used_up(engine: Engine, victorialogs: str) -> None:
    command = ["-retentionPeriod=30d", "-retention.maxDiskSpaceUsageBytes=2MiB"]
    with engine.volume() as volume, started(engine, victorialogs, volume, command) as store:
        for age in range(4, -1, -1):
            store.take(entries(3000, NOW - timedelta(days=age)))
        store.get("/internal/force_flush")
        wait_until(lambda: store.count("_time:30d") < 15000, within=90)
        days = {entry["_time"][:10] for entry in store.ask("_time:30d | fields _time")}
        assert NOW.date().isoformat() in days
        assert (NOW - timedelta(days=4)).date().isoformat() not in days


def test_lines_of_a_day_beyond_the_retention_are_not_taken(engine: Engine, victorialogs: str) -> None:
    with engine.volume() as volume, started(engine, victorialogs, volume, ["-retentionPeriod=2d"]) as store:
        store.take([*entries(1, NOW - timedelta(days=10)), *entries(2)])
        wait_until(lambda: store.count("_time:30d") == 2, within=10)


def test_on_a_full_disk_it_refuses_and_still_answers(engine: Engine, victorialogs: str) -> None:
    with (
        engine.volume() as volume,
        started(engine, victorialogs, volume, ["-storage.minFreeDiskSpaceBytes=1000TiB"]) as store,
    ):
        assert refusal(store, [ENTRY]) == 429, "the sender is to keep its lines and try again"
        assert store.count() == 0
        assert store.healthy()


def test_many_lines_and_wide_questions_stay_within_the_memory_limit(engine: Engine, victorialogs: str) -> None:
    with engine.volume() as volume, started(engine, victorialogs, volume) as store:
        for _ in range(20):
            store.take(entries(5000))
        wait_until(lambda: store.count() == 100_000, within=30)
        for _ in range(5):
            assert store.ask("* | stats by (trace_id) count() as n | sort by (n) | limit 3")
            assert len(store.ask("* | sort by (_time) desc | limit 1000")) == 1000
        store.running.container.reload()
        assert store.running.container.attrs["RestartCount"] == 0
        assert store.running.container.status == "running"
