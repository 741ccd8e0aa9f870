"""The Neo4j exporter of the observers' image against a real server, while it is well and while it is not."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from images.tests.api_stores import paused
from images.tests.engine import Engine
from images.tests.monitoring_stand import Exporter, Stand, eventually, stand
from images.tests.neo4j_server import STARTS_WITHIN, Server, started

PASSWORD = 'neo4j\'s "password"'
GRAPH = {"NEO4J_URL": "bolt://neo4j@neo4j:7687"}
METRICS = {
    "neo4j_up",
    "neo4j_query_seconds",
    "neo4j_nodes",
    "neo4j_relationships",
    "neo4j_connections",
    "neo4j_transactions",
    "neo4j_longest_transaction_seconds",
    "neo4j_jvm_heap_used_bytes",
    "neo4j_jvm_heap_max_bytes",
    "neo4j_jvm_gc_seconds_total",
    "neo4j_jvm_threads",
    "neo4j_gds_graphs",
    "neo4j_info",
}


@pytest.fixture(scope="module")
def network(engine: Engine) -> Iterator[Stand]:
    with stand(engine) as network:
        yield network


@pytest.fixture(scope="module")
def neo4j(network: Stand, image: Callable[[str], str]) -> Iterator[Server]:
    with (
        network.engine.volume() as data,
        network.engine.volume({"neo4j_auth": f"neo4j/{PASSWORD}"}) as secrets,
        started(
            network.engine,
            image("neo4j"),
            {data: "/data", secrets: "/run/secrets"},
            {"NEO4J_AUTH_PATH": "/run/secrets/neo4j_auth"},
            **network.join("neo4j"),
        ) as server,
    ):
        server.ask("CREATE (:Page {n: 1})-[:LINKS]->(:Page {n: 2})", PASSWORD)
        yield server


@contextmanager
def watching(network: Stand, image: Callable[[str], str], password: str = PASSWORD) -> Iterator[Exporter]:
    secrets = {"neo4j_password": password}
    command = ["python", "-m", "observers.graph"]
    with network.exporter(image("observers"), command, 9474, secrets, environment=GRAPH, health="health") as exporter:
        yield exporter


@pytest.fixture(scope="module")
def exporter(network: Stand, neo4j: Server, image: Callable[[str], str]) -> Iterator[Exporter]:
    with watching(network, image) as exporter:
        yield exporter


def test_every_metric_is_there(exporter: Exporter) -> None:
    metrics = exporter.metrics()
    assert exporter.names() == METRICS
    assert (metrics["neo4j_up"], metrics["neo4j_nodes"], metrics["neo4j_relationships"]) == (1, 2, 1)
    assert metrics["neo4j_jvm_heap_max_bytes"] == 600 * 2**20
    assert any('edition="community"' in series and 'version="5.26.' in series for series in metrics)


def test_it_does_not_count_itself(exporter: Exporter) -> None:
    metrics = exporter.metrics()
    assert (metrics["neo4j_connections"], metrics["neo4j_transactions"]) == (0, 0)


def test_what_others_do_is_counted(exporter: Exporter, neo4j: Server) -> None:
    neo4j.ask("CALL gds.graph.project('pages', 'Page', 'LINKS')", PASSWORD)
    # About ten seconds of work, of which nothing is kept.
    slow = "UNWIND range(1, 40000000) AS n WITH n WHERE n % 7 = 8 RETURN count(n)"
    working = threading.Thread(target=neo4j.ask, args=(slow, PASSWORD))
    working.start()
    eventually(exporter, "neo4j_transactions", 1)
    time.sleep(1)
    metrics = exporter.metrics()
    working.join()
    assert metrics["neo4j_connections"] >= 1
    assert metrics["neo4j_longest_transaction_seconds"] > 0.5
    assert metrics["neo4j_gds_graphs"] == 1


def test_the_password_is_in_no_environment_no_argument_and_no_log(exporter: Exporter) -> None:
    assert PASSWORD not in exporter.running.logs() + exporter.get()[1]


def test_it_takes_little_memory(exporter: Exporter) -> None:
    for _ in range(20):
        exporter.metrics()
    assert exporter.resident_bytes() <= 50e6


def test_a_server_that_hangs_is_down_within_five_seconds_and_up_again(
    exporter: Exporter, neo4j: Server, engine: Engine
) -> None:
    eventually(exporter, "neo4j_up", 1)
    with paused(engine, str(neo4j.running.container.name)):
        start = time.monotonic()
        assert exporter.metrics() == {"neo4j_up": 0}
        assert time.monotonic() - start < 6
    eventually(exporter, "neo4j_up", 1)


def test_a_server_that_is_away_is_down_at_once_and_told_of_once(exporter: Exporter, neo4j: Server) -> None:
    neo4j.running.container.stop(timeout=60)
    for _ in range(3):
        start = time.monotonic()
        assert exporter.metrics() == {"neo4j_up": 0}
        assert time.monotonic() - start < 5
    neo4j.running.container.start()
    eventually(exporter, "neo4j_up", 1, within=STARTS_WITHIN)
    assert "Traceback" not in exporter.running.logs()


def test_a_wrong_password_does_not_lock_the_user_out(
    network: Stand, exporter: Exporter, neo4j: Server, image: Callable[[str], str]
) -> None:
    with watching(network, image, "wrong") as stranger:
        for _ in range(10):
            assert stranger.metrics() == {"neo4j_up": 0}
        assert stranger.running.logs().count("AuthError") == 1
    eventually(exporter, "neo4j_up", 1, within=1)
