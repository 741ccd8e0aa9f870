"""The metrics of a Neo4j server."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from observers.graph.questions import Answers

log = logging.getLogger(__name__)

SCRAPE_SECONDS = 5.0
MILLISECONDS = 1000
COUNTS = {
    "nodes": "Nodes in the store.",
    "relationships": "Relationships in the store.",
    "connections": "Bolt connections of others.",
    "transactions": "Transactions of others that are open.",
    "graphs": "Graphs that Graph Data Science keeps in memory.",
}
NAMES = {"graphs": "neo4j_gds_graphs"}


class Answering(Protocol):
    """Somebody who knows the server."""

    async def answers(self) -> Answers:
        """See server.Server."""


class Graph(Collector):
    """Asks the server at every scrape."""

    def __init__(self, server: Answering, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop

    def describe(self) -> Iterable[Metric]:
        """Nothing ahead of the first scrape."""
        return []

    def collect(self) -> Iterable[Metric]:
        """neo4j_up, and what the server has answered."""
        asked = asyncio.run_coroutine_threadsafe(self._server.answers(), self._loop)
        known: list[Metric] = []
        try:
            known += families(asked.result(SCRAPE_SECONDS))
        except TimeoutError:
            asked.cancel()
        except Exception:
            # Whatever it is: Prometheus learns that the server is not to be had, not that the exporter is broken.
            log.exception("an answer was not understood")
        up = any(metric.name == "neo4j_query_seconds" for metric in known)
        return [GaugeMetricFamily("neo4j_up", "Whether it answers a query.", float(up)), *known]


def families(answers: Answers) -> Iterable[Metric]:
    """The metrics that the answers allow."""
    for name, meaning in COUNTS.items():
        if name in answers:
            yield GaugeMetricFamily(NAMES.get(name, f"neo4j_{name}"), meaning, answers[name][0]["count"])
    if "seconds" in answers:
        seconds = answers["seconds"][0]["seconds"]
        yield GaugeMetricFamily("neo4j_query_seconds", "How long the count of all nodes took.", seconds)
    if "transactions" in answers:
        longest = answers["transactions"][0]["longest"]
        yield GaugeMetricFamily("neo4j_longest_transaction_seconds", "Age of the oldest of them.", longest)
    if "components" in answers:
        info = GaugeMetricFamily("neo4j_info", "What runs.", labels=("version", "edition"))
        for component in answers["components"]:
            info.add_metric([component["version"], component["edition"]], 1)
        yield info
    if "beans" in answers:
        yield from _machine({row["name"]: row["attributes"] for row in answers["beans"]})


def _machine(beans: Mapping[str, Mapping[str, Any]]) -> Iterable[Metric]:
    """The Java machine, told by its beans."""
    heap = beans["java.lang:type=Memory"]["HeapMemoryUsage"]["value"]["properties"]
    yield GaugeMetricFamily("neo4j_jvm_heap_used_bytes", "Heap in use.", heap["used"])
    yield GaugeMetricFamily("neo4j_jvm_heap_max_bytes", "Heap allowed.", heap["max"])
    threads = beans["java.lang:type=Threading"]["ThreadCount"]["value"]
    yield GaugeMetricFamily("neo4j_jvm_threads", "Threads.", threads)
    collecting = sum(
        attributes["CollectionTime"]["value"] for name, attributes in beans.items() if "type=GarbageCollector" in name
    )
    yield CounterMetricFamily("neo4j_jvm_gc_seconds_total", "Time spent collecting garbage.", collecting / MILLISECONDS)
