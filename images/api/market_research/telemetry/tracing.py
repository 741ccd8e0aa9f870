"""Traces: which parts of the work a request, or the run of a focus group, went through.

Spans say what was done and how long it took, never with which values: no prompt, answer, password or cookie.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fastapi import FastAPI
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.zipkin.json import ZipkinExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Decision, ParentBased, SamplingResult, TraceIdRatioBased
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from market_research import __version__
from market_research.settings import Settings
from market_research.telemetry.discreet import Discreet
from market_research.telemetry.requests import given_id, request_id

EXPORT_SECONDS = 3
QUEUED_SPANS = 2048
QUIET = ("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.attributes")

NEO4J = {"db.system.name": "neo4j"}
"""What a span of a question to Neo4j says: its client library has no instrumentation."""

_tracer = trace.get_tracer(__name__)
_kept = TraceContextTextMapPropagator()


class _Incoming(TraceContextTextMapPropagator):
    """Takes the edge's word for the id of a trace, and tells it to nobody outside."""

    def inject(self, *_: Any, **__: Any) -> None:
        """Not into requests to a language model."""


class _Begun(TraceIdRatioBased):
    """A trace begins with a request or a run: what looks after stores and queues every few seconds begins none."""

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        *rest: Any,
        **others: Any,
    ) -> SamplingResult:
        if kind is SpanKind.CLIENT:
            return SamplingResult(Decision.DROP)
        return super().should_sample(parent_context, trace_id, name, kind, *rest, **others)


def sampler(settings: Settings) -> ParentBased:
    """Decides by its id whether a trace is kept: what a client says of it does not count."""
    root = _Begun(settings.trace_ratio) if settings.traces_url else ALWAYS_OFF
    return ParentBased(root, remote_parent_sampled=root, remote_parent_not_sampled=root)


def configure(settings: Settings) -> None:
    """Send spans to the address of the settings; without one there are only ids, for the log."""
    resource = Resource.create({"service.name": "api", "service.version": __version__})
    provider = TracerProvider(sampler=sampler(settings), resource=resource)
    if settings.traces_url:
        exporter = ZipkinExporter(endpoint=settings.traces_url, timeout=EXPORT_SECONDS)
        provider.add_span_processor(BatchSpanProcessor(Discreet(exporter), max_queue_size=QUEUED_SPANS))
        PsycopgInstrumentor().instrument()
        RedisInstrumentor().instrument()
        HTTPXClientInstrumentor().instrument()
    trace.set_tracer_provider(provider)
    propagate.set_global_textmap(_Incoming())
    # A store of traces that is away would be told of every few seconds: discreet.py tells it once.
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def observe(app: FastAPI) -> None:
    """Begin a span for each request, probes left out."""
    FastAPIInstrumentor.instrument_app(
        app, excluded_urls="/health$,/live$", exclude_spans=["receive", "send"], server_request_hook=_name
    )


def _name(span: trace.Span, scope: dict[str, Any]) -> None:
    if span.is_recording() and (known := given_id(scope["headers"])):
        span.set_attribute("request_id", known)


def traceparent() -> str | None:
    """The present span in W3C's form, to be kept with work that goes on later or elsewhere; None outside of spans."""
    carrier: dict[str, str] = {}
    _kept.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def continued(traceparent: str | None) -> Iterator[None]:
    """Spans in here belong to the one that was kept; without a valid one they begin a trace of their own."""
    told = _kept.extract({"traceparent": traceparent or ""}, Context())
    kept = trace.get_current_span(told).get_span_context()
    # Not remote: it is this program's own word, so that what it said of keeping the trace counts.
    own = SpanContext(kept.trace_id, kept.span_id, is_remote=False, trace_flags=kept.trace_flags)
    with trace.use_span(NonRecordingSpan(own), record_exception=False, set_status_on_exception=False):
        yield


@contextmanager
def span(name: str, attributes: Mapping[str, AttributeValue], *, client: bool = True) -> Iterator[trace.Span]:
    """A part of the work; of a failure it shows the kind alone."""
    kind = SpanKind.CLIENT if client else SpanKind.INTERNAL
    with _tracer.start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except Exception as error:
            current.set_status(Status(StatusCode.ERROR))
            current.set_attribute("error.type", type(error).__name__)
            raise


def ids() -> dict[str, str]:
    """The ids of the present span and of the request, for the log and for people who ask what went wrong."""
    context = trace.get_current_span().get_span_context()
    found = {"request_id": request_id.get()}
    if context.is_valid:
        found |= {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
    return {key: value for key, value in found.items() if value}
