"""What is seen of the questions that the graph of focus groups is asked."""

from typing import Any, cast
from uuid import UUID

import pytest
from market_research.groups import opinion_graph
from market_research.telemetry.tracing import NEO4J
from neo4j import AsyncDriver
from neo4j.exceptions import DriverError
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

pytestmark = pytest.mark.anyio
ADA = UUID(int=1)


class Neo4j:
    """Answers every question with the same record."""

    def __init__(self, **record: Any) -> None:
        self._record = record

    async def execute_query(self, *_: Any, **__: Any) -> tuple[list[dict[str, Any]], None, None]:
        return [self._record], None, None


def neo4j(**record: Any) -> AsyncDriver:
    return cast(AsyncDriver, Neo4j(**record))


def only(spans: InMemorySpanExporter) -> ReadableSpan:
    (span,) = spans.get_finished_spans()
    return span


async def test_erasing_is_a_span_of_neo4j_that_does_not_say_whom(spans: InMemorySpanExporter) -> None:
    await opinion_graph.erase(neo4j(failed=0, reasons=[]), [ADA])
    assert (only(spans).kind, only(spans).attributes) == (SpanKind.CLIENT, NEO4J)


async def test_erasing_of_which_something_stays_is_a_span_that_failed(spans: InMemorySpanExporter) -> None:
    with pytest.raises(DriverError, match="locked"):
        await opinion_graph.erase(neo4j(failed=1, reasons=["locked"]), [ADA])
    assert only(spans).status.status_code is StatusCode.ERROR
    assert "locked" not in only(spans).to_json()


async def test_asking_which_groups_are_there_is_a_span_of_neo4j(spans: InMemorySpanExporter) -> None:
    assert await opinion_graph.known(neo4j(id=str(ADA))) == [ADA]
    assert (only(spans).kind, only(spans).attributes) == (SpanKind.CLIENT, NEO4J)


async def test_sweeping_is_a_span_of_neo4j_and_says_when_something_stays(spans: InMemorySpanExporter) -> None:
    await opinion_graph.sweep(neo4j(failed=0, reasons=[]))
    assert (only(spans).kind, only(spans).attributes) == (SpanKind.CLIENT, NEO4J)
    with pytest.raises(DriverError, match="locked"):
        await opinion_graph.sweep(neo4j(failed=1, reasons=["locked"]))
