"""What the API tells those who watch it."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from httpx import ASGITransport, AsyncClient
from market_research.llm.model import LlmError, Reply, Tokens
from market_research.llm.observed import Observer
from market_research.llm.prices import Price
from market_research.logs import JsonLines
from market_research.settings import Settings, SettingsError
from market_research.telemetry import tracing
from market_research.telemetry.discreet import Discreet, discreet
from market_research.telemetry.requests import NO_ROUTE, Measured
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client import REGISTRY

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    """An application with a route, a stream and a probe."""
    app = FastAPI()

    @app.get("/api/things/{thing}")
    async def show(thing: str) -> dict[str, str]:
        return {"thing": thing, "request": tracing.ids().get("request_id", "")}

    @app.get("/api/events")
    async def follow() -> StreamingResponse:
        async def events() -> AsyncIterator[str]:
            yield "data: 1\n\n"
            await asyncio.sleep(0.3)
            yield "data: 2\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    @app.get("/health")
    async def health() -> str:
        return "ok"

    async with AsyncClient(transport=ASGITransport(Measured(app)), base_url="http://api") as client:
        yield client


def requests(route: str, *, status: str = "200", what: str = "count") -> float:
    labels = {"http_request_method": "GET", "http_route": route, "http_response_status_code": status}
    return REGISTRY.get_sample_value(f"http_server_request_duration_seconds_{what}", labels) or 0


async def test_a_request_counts_under_its_route_and_never_under_its_path(client: AsyncClient) -> None:
    before = requests("/api/things/{thing}")
    await client.get("/api/things/secret-one")
    assert requests("/api/things/{thing}") == before + 1
    assert requests("/api/things/secret-one") == 0


async def test_every_path_that_leads_nowhere_is_one(client: AsyncClient) -> None:
    before = requests(NO_ROUTE, status="404")
    await client.get("/wp-login.php")
    await client.get("/admin")
    assert requests(NO_ROUTE, status="404") == before + 2


async def test_probes_do_not_count(client: AsyncClient) -> None:
    await client.get("/health")
    assert requests("/health") == 0


async def test_an_event_stream_took_as_long_as_it_took_to_begin(client: AsyncClient) -> None:
    before = requests("/api/events", what="sum")
    await client.get("/api/events")
    assert requests("/api/events", what="sum") - before < 0.25


@pytest.mark.parametrize(("given", "kept"), [("4bf92f3577b34da6", "4bf92f3577b34da6"), ("a b", ""), ("x" * 65, "")])
async def test_the_edges_id_of_a_request_is_kept_if_it_is_one(client: AsyncClient, given: str, kept: str) -> None:
    answer = await client.get("/api/things/one", headers={"X-Request-ID": given})
    assert answer.json()["request"] == kept


def calls(operation: str, error: str = "") -> float:
    labels = {"gen_ai_operation_name": operation, "gen_ai_request_model": "small", "error_type": error}
    return REGISTRY.get_sample_value("gen_ai_client_operation_duration_seconds_count", labels) or 0


def cost() -> float:
    return REGISTRY.get_sample_value("llm_cost_usd_total", {"gen_ai_request_model": "small"}) or 0


async def test_a_call_of_a_model_costs_what_its_tokens_cost(spans: InMemorySpanExporter) -> None:
    async def answer() -> Reply[str]:
        return Reply("yes", Tokens(2_000_000, 500_000))

    before, counted = cost(), calls("opinion")
    observer = Observer("small", {"small": Price(input_usd=1, output_usd=4)})
    assert (await observer("opinion", answer())).value == "yes"
    assert cost() - before == pytest.approx(4)
    assert calls("opinion") == counted + 1
    (span,) = spans.get_finished_spans()
    assert span.attributes
    assert span.attributes["gen_ai.usage.input_tokens"] == 2_000_000


async def test_a_call_that_fails_is_counted_with_the_tokens_that_it_took() -> None:
    async def fail() -> Reply[str]:
        raise LlmError("connection", "The LLM at private.example is away.", tokens=Tokens(1_000_000, 0))

    before = cost()
    with pytest.raises(LlmError):
        await Observer("small", {"small": Price(input_usd=3, output_usd=0)})("opinion", fail())
    assert cost() - before == pytest.approx(3)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (LlmError("http_429", "The LLM is busy."), "http_429"),
        (asyncio.CancelledError(), "cancelled"),
        (KeyError("a mistake of ours"), "_OTHER"),
    ],
)
async def test_a_call_that_fails_is_counted_by_one_of_a_few_kinds(error: BaseException, kind: str) -> None:
    async def fail() -> Reply[str]:
        raise error

    failed = calls("opinion", kind)
    with pytest.raises(type(error)):
        await Observer("small")("opinion", fail())
    assert calls("opinion", kind) == failed + 1


async def test_a_span_shows_the_kind_of_an_error_and_nothing_of_what_it_says(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="hunter2"), tracing.span("work", {}):
        raise ValueError("hunter2")
    (span,) = spans.get_finished_spans()
    assert span.attributes == {"error.type": "ValueError"}
    assert "hunter2" not in span.to_json()


async def test_a_log_line_in_a_span_carries_its_ids(spans: InMemorySpanExporter) -> None:
    record = logging.LogRecord("api", logging.INFO, __file__, 1, "hello", None, None)
    with tracing.span("work", {}) as current:
        line = json.loads(JsonLines().format(record))
    assert line["trace_id"] == f"{current.get_span_context().trace_id:032x}"
    assert "trace_id" not in json.loads(JsonLines().format(record))


async def test_nothing_that_people_wrote_is_in_a_span_that_leaves(spans: InMemorySpanExporter) -> None:
    tracer = trace.get_tracer("test")
    with pytest.raises(ValueError, match="hunter2"), tracer.start_as_current_span("request") as current:
        current.set_attribute("http.url", "http://api/api/things?token=sesame#part")
        raise ValueError("Key (email)=(hunter2) already exists")
    (span,) = spans.get_finished_spans()
    assert "hunter2" in span.to_json(), "the library itself keeps it; else this shows nothing"
    left = discreet(span)
    assert "hunter2" not in left.to_json()
    assert left.attributes == {"http.url": "http://api/api/things"}
    assert left.status.status_code is StatusCode.ERROR


async def test_a_store_of_traces_that_is_away_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    class Flaky(SpanExporter):
        works = False

        def export(self, spans: object) -> SpanExportResult:
            if not self.works:
                raise OSError("connection refused")
            return SpanExportResult.SUCCESS

    flaky = Flaky()
    exporter = Discreet(flaky)
    with caplog.at_level(logging.INFO):
        for works in (False, False, True, True):
            flaky.works = works
            exporter.export([])
    assert [record.getMessage() for record in caplog.records] == ["traces are not kept", "traces are kept again"]


@pytest.mark.parametrize(
    "wrong", ["[", "3", '{"small": {"input_usd": -1, "output_usd": 0}}', '{"small": {"input": 1}}']
)
def test_prices_that_are_none_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    for name, value in {"POSTGRES_URL": "postgresql://a@b:1/c", "REDIS_URL": "redis://a@b:1/0"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NEO4J_URL", "bolt://a@b:1")
    monkeypatch.setenv("LLM_PRICES", wrong)
    with pytest.raises(SettingsError, match="LLM_PRICES"):
        Settings.load()
