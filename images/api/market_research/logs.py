"""Logs as one JSON object per line on stdout."""

import json
import logging
import sys
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType

import psycopg
from neo4j.exceptions import Neo4jError
from redis.exceptions import ResponseError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from market_research.telemetry import tracing
from market_research.telemetry.requests import PROBES, SERVER_ERROR

# Their words repeat what they were given: a value that is taken already, an answer that cannot be read.
TALKATIVE = (ValueError, LookupError, psycopg.DataError, psycopg.IntegrityError, Neo4jError, ResponseError)

access = logging.getLogger("access")


class JsonLines(logging.Formatter):
    """A record as JSON; `extra={"fields": {...}}` adds fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update(getattr(record, "fields", {}))
        line.update(tracing.ids())
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)

    def formatException(  # noqa: N802 - logging's own name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Where an error comes from, and its words where they are this program's own."""
        return "".join(_told(ei[1])) if ei[1] else ""


def _told(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before:
        yield from _told(before)
        yield "which led to\n"
    yield from traceback.format_tb(error.__traceback__)
    words = "" if isinstance(error, TALKATIVE) else f": {error}"
    yield f"{type(error).__qualname__}{words}\n"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _told(each)


def configure() -> None:
    """Send everything from `info` up to stdout, the server's own lines included."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # Watches log a store's changes of state; what these add is a line per attempt.
    for chatty in ("psycopg.pool", "neo4j", "httpx"):
        logging.getLogger(chatty).setLevel(logging.ERROR)


class AccessLog:
    """ASGI middleware: one line per request with its duration, probes left out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        start, status = time.perf_counter(), SERVER_ERROR

        async def remember(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, remember)
        finally:
            milliseconds = round((time.perf_counter() - start) * 1000, 1)
            fields = {"method": scope["method"], "path": scope["path"], "status": status, "ms": milliseconds}
            access.info("request", extra={"fields": fields})
