"""The runs of focus groups: which trace they belong to."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from market_research.groups import analysis, group, opinion_graph
from market_research.groups.bulletin import Bulletin
from market_research.groups.interview import Interview
from market_research.groups.runner import GRAPHS, RUNS, Runner
from market_research.settings import Settings
from market_research.stores import Stores
from market_research.telemetry import tracing
from opentelemetry.context import get_current
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import SpanKind

from tests import test_groups

pytestmark = pytest.mark.anyio
GROUP = test_groups.group([test_groups.participant("Ada")])
TRACE = 0x4BF92F3577B34DA6A3CE929D0E0E4736
KEPT = f"00-{TRACE:032x}-00f067aa0ba902b7-01"


class Queue:
    """PostgreSQL with focus groups that are due in these ways, and some that are deleted."""

    def __init__(self, *due: str, traceparent: str | None = None, deleted: Sequence[UUID] = ()) -> None:
        self._due = list(due)
        self._traceparent = traceparent
        self._deleted = [(one,) for one in deleted]
        self.served = asyncio.Event()
        self.asked: list[str] = []

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["Queue"]:
        yield self

    async def execute(self, query: str, _: Any = None) -> Any:
        self.asked.append(query)
        due = next((one for one in self._due if "RETURNING" in query and one in query), None)
        if due:
            self._due.remove(due)
        elif "graph_at = now()" in query or query.startswith("DELETE"):
            self.served.set()
        row = (GROUP.id, self._traceparent) if due else None
        return SimpleNamespace(fetchone=_answer(row), fetchall=_answer(self._deleted), rowcount=1)


def _answer(value: Any) -> Any:
    async def answer(*_: Any) -> Any:
        return value

    return answer


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the runner works with works at once."""
    monkeypatch.setattr(group, "find", _answer(GROUP))
    monkeypatch.setattr(opinion_graph, "write", _answer(None))
    monkeypatch.setattr(opinion_graph, "erase", _answer(None))
    monkeypatch.setattr(analysis, "analyse", _answer(None))


async def serve(queue: Queue) -> None:
    """Let a runner work until it has done what the queue waits for."""
    stores = cast(Stores, SimpleNamespace(postgres=queue, neo4j=None))
    interview = cast(Interview, SimpleNamespace(hold=_answer(None)))
    running = asyncio.create_task(Runner(stores, interview, Bulletin({})).run())
    async with asyncio.timeout(5):
        await queue.served.wait()
    running.cancel()
    await asyncio.wait([running])


async def parents(traceparent: str | None, spans: InMemorySpanExporter) -> dict[str, str | None]:
    """The spans of a run and of its graph, each with the one above it in W3C's form."""
    await serve(Queue(RUNS, GRAPHS, traceparent=traceparent))
    return {
        span.name: f"00-{above.trace_id:032x}-{above.span_id:016x}-{above.trace_flags:02x}" if above else None
        for span in spans.get_finished_spans()
        for above in [span.parent]
    }


async def test_a_run_and_its_graph_belong_to_the_trace_of_the_request_that_started_it(
    spans: InMemorySpanExporter,
) -> None:
    assert await parents(KEPT, spans) == {"focus group": KEPT, "graph of a focus group": KEPT}


async def test_a_run_that_no_trace_is_known_of_has_one_of_its_own(spans: InMemorySpanExporter) -> None:
    assert await parents(None, spans) == {"focus group": None, "graph of a focus group": None}


async def test_what_is_taken_out_of_the_graph_is_a_trace_of_its_own(spans: InMemorySpanExporter) -> None:
    await serve(Queue(deleted=[GROUP.id]))
    (span,) = spans.get_finished_spans()
    assert (span.name, span.kind, span.parent) == ("deleted focus groups", SpanKind.INTERNAL, None)


async def test_a_group_that_finished_before_it_was_erased_is_written_again_before_that_is_forgotten() -> None:
    queue = Queue(deleted=[GROUP.id])
    await serve(queue)
    again = next(n for n, query in enumerate(queue.asked) if "graph_at = NULL" in query)
    assert again < next(n for n, query in enumerate(queue.asked) if query.startswith("DELETE FROM graph_erasure"))


@pytest.mark.parametrize(
    "wrong", ["", "nonsense", f"00-{'0' * 32}-00f067aa0ba902b7-01", KEPT[:-5], f"ff{KEPT[2:]}", "00-\ud800-1-01"]
)
async def test_what_is_no_traceparent_is_a_trace_of_its_own(spans: InMemorySpanExporter, wrong: str) -> None:
    with tracing.continued(wrong), tracing.span("work", {}, client=False):
        pass
    (span,) = spans.get_finished_spans()
    assert span.parent is None


async def test_what_is_kept_of_a_span_leads_back_to_it(spans: InMemorySpanExporter) -> None:
    assert tracing.traceparent() is None
    with tracing.span("request", {}, client=False):
        kept = tracing.traceparent()
    with tracing.continued(kept), tracing.span("work", {}, client=False):
        pass
    request, work = spans.get_finished_spans()
    assert work.parent
    assert work.parent.span_id == request.context.span_id
    assert work.context.trace_id == request.context.trace_id


@pytest.mark.parametrize(("flag", "ratio", "kept"), [("01", 0.0, True), ("00", 1.0, False)])
async def test_whether_a_trace_is_kept_was_decided_with_the_request(flag: str, ratio: float, *, kept: bool) -> None:
    sampler = tracing.sampler(Settings.model_construct(traces_url="http://zipkin/spans", trace_ratio=ratio))
    with tracing.continued(f"{KEPT[:-2]}{flag}"):
        decision = sampler.should_sample(get_current(), TRACE, "work", SpanKind.INTERNAL).decision
    assert (decision is Decision.RECORD_AND_SAMPLE) == kept
