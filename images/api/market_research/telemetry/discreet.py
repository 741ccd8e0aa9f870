"""Spans without what people wrote: neither the words of an error nor the query of an address leave the process."""

import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from opentelemetry.util.types import AttributeValue

ADDRESSES = frozenset({"http.url", "http.target", "url.full", "url.query"})

log = logging.getLogger(__name__)


class Discreet(SpanExporter):
    """Passes spans on to another exporter, and tells once that it is away, and once that it is back."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._works = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """What became of them; what cannot be sent is dropped."""
        try:
            result = self._exporter.export([discreet(span) for span in spans])
        except Exception:
            result = SpanExportResult.FAILURE
        works = result is SpanExportResult.SUCCESS
        if works != self._works:
            self._works = works
            log.log(logging.INFO if works else logging.WARNING, "traces are %s", "kept again" if works else "not kept")
        return result

    def shutdown(self) -> None:
        """Close the connection."""
        self._exporter.shutdown()


def discreet(span: ReadableSpan) -> ReadableSpan:
    """The span without events, the words of its status, and queries of addresses."""
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes={name: _without_query(name, value) for name, value in (span.attributes or {}).items()},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _without_query(name: str, value: AttributeValue) -> AttributeValue:
    return (
        urlsplit(value)._replace(query="", fragment="").geturl()
        if name in ADDRESSES and isinstance(value, str)
        else value
    )
