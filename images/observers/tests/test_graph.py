"""The Neo4j exporter against answers that a test makes up: what Prometheus reads of them."""

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from observers.graph import collector as collector_module
from observers.graph.collector import Graph
from observers.graph.questions import Answers
from observers.graph.server import Server
from observers.settings import Address
from prometheus_client import CollectorRegistry

COLLECTIONS = "java.lang:name=G1 {} Generation,type=GarbageCollector"
ANSWERS: Answers = {
    "nodes": [{"count": 5}],
    "seconds": [{"seconds": 0.004}],
    "relationships": [{"count": 7}],
    "transactions": [{"count": 2, "longest": 12.5}],
    "connections": [{"count": 3}],
    "components": [{"version": "5.26.30", "edition": "community"}],
    "graphs": [{"count": 1}],
    "beans": [
        {
            "name": "java.lang:type=Memory",
            "attributes": {"HeapMemoryUsage": {"value": {"properties": {"used": 100, "max": 400}}}},
        },
        {"name": "java.lang:type=Threading", "attributes": {"ThreadCount": {"value": 50}}},
        {"name": COLLECTIONS.format("Young"), "attributes": {"CollectionTime": {"value": 1200}}},
        {"name": COLLECTIONS.format("Old"), "attributes": {"CollectionTime": {"value": 300}}},
    ],
}


class Answering:
    """A server that answers so, after a while."""

    def __init__(self, answers: Answers, seconds: float = 0) -> None:
        self._answers = answers
        self._seconds = seconds

    async def answers(self) -> Answers:
        await asyncio.sleep(self._seconds)
        return self._answers


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def read(server: Answering | Server, loop: asyncio.AbstractEventLoop) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(Graph(server, loop))
    return {sample.name: sample.value for metric in registry.collect() for sample in metric.samples}


def test_every_answer_is_a_metric(loop: asyncio.AbstractEventLoop) -> None:
    assert read(Answering(ANSWERS), loop) == {
        "neo4j_up": 1,
        "neo4j_query_seconds": 0.004,
        "neo4j_nodes": 5,
        "neo4j_relationships": 7,
        "neo4j_connections": 3,
        "neo4j_transactions": 2,
        "neo4j_longest_transaction_seconds": 12.5,
        "neo4j_jvm_heap_used_bytes": 100,
        "neo4j_jvm_heap_max_bytes": 400,
        "neo4j_jvm_gc_seconds_total": 1.5,
        "neo4j_jvm_threads": 50,
        "neo4j_gds_graphs": 1,
        "neo4j_info": 1,
    }


def test_a_question_without_an_answer_leaves_the_others(loop: asyncio.AbstractEventLoop) -> None:
    some = {name: rows for name, rows in ANSWERS.items() if name not in ("graphs", "beans")}
    metrics = read(Answering(some), loop)
    assert metrics["neo4j_up"] == 1
    assert "neo4j_gds_graphs" not in metrics


def test_an_answer_that_is_not_understood_is_no_error_page(
    loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = read(Answering({**ANSWERS, "beans": [{"name": "java.lang:type=Memory", "attributes": {}}]}), loop)
    assert metrics["neo4j_up"] == 1
    assert "an answer was not understood" in caplog.text


def test_a_server_that_says_nothing_is_down_in_time(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector_module, "SCRAPE_SECONDS", 0.1)
    start = time.monotonic()
    assert read(Answering(ANSWERS, seconds=60), loop) == {"neo4j_up": 0}
    assert time.monotonic() - start < 1


def test_a_server_that_is_not_there_is_down_and_is_told_of_once(
    loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    server = asyncio.run_coroutine_threadsafe(_server(), loop).result()
    for _ in range(2):
        assert read(server, loop) == {"neo4j_up": 0}
    asyncio.run_coroutine_threadsafe(server.close(), loop).result()
    assert caplog.text.count("server: ServiceUnavailable") == 1
    assert "hunter2" not in caplog.text


async def _server() -> Server:
    return Server(Address("127.0.0.1", 1, "neo4j"), "hunter2")
