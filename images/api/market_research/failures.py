"""A store or the language model that is away is a 503 with a sentence and a time to ask again."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from neo4j.exceptions import AuthError, DriverError, TransientError
from psycopg import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError
from redis.exceptions import TimeoutError as RedisTimeoutError

from market_research.accounts.password import TooManyError
from market_research.llm.model import LlmError
from market_research.telemetry import tracing
from market_research.watch import reason

RETRY_SECONDS = 5
POSTGRES = "The database does not answer at the moment. Nothing is lost: try again in a few seconds."
REDIS = "Sessions cannot be looked up at the moment. You stay logged in: try again in a few seconds."
NEO4J = "The graph is away at the moment. The answers are safe; the graph follows by itself."
MISTAKE = "Something went wrong inside; the log of the API says what."
BUSY = "Too many people log in at the moment. Try again in a few seconds."
# Only what passes by itself: a query that is wrong stays a 500, so that somebody mends it.
SENTENCES: dict[type[Exception], str] = {
    OperationalError: POSTGRES,
    RedisConnectionError: REDIS,
    RedisTimeoutError: REDIS,
    OutOfMemoryError: REDIS,
    TooManyError: BUSY,
    AuthError: NEO4J,
    DriverError: NEO4J,
    TransientError: NEO4J,
}

log = logging.getLogger(__name__)


def handle(app: FastAPI) -> None:
    """Teach the application what to answer when something that it needs is away, and when it is wrong itself."""
    for kind in SENTENCES:
        app.add_exception_handler(kind, _store_away)
    app.add_exception_handler(LlmError, _llm_away)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(Exception, _mistake)


async def _store_away(request: Request, error: Exception) -> JSONResponse:
    sentence = next(text for kind, text in SENTENCES.items() if isinstance(error, kind))
    log.warning("%s %s: %s: %s", request.method, request.url.path, type(error).__name__, reason(error))
    return _try_again(sentence, RETRY_SECONDS)


async def _llm_away(request: Request, error: Any) -> JSONResponse:
    log.warning("%s %s: %s", request.method, request.url.path, error)
    return _try_again(f"{error} Try again later.", error.retry_after)


async def _not_valid(_: Request, error: Any) -> JSONResponse:
    """As FastAPI's own, without what was sent: that may be a password."""
    mistakes = [
        {"loc": one["loc"], "msg": one["msg"].removeprefix("Value error, "), "type": one["type"]}
        for one in error.errors()
    ]
    return JSONResponse({"detail": mistakes}, status_code=422)


async def _mistake(_: Request, __: Exception) -> JSONResponse:
    # The server logs the error itself, with its trace.
    return JSONResponse({"detail": MISTAKE, **_trace()}, status_code=500)


def _try_again(sentence: str, seconds: float) -> JSONResponse:
    again = {"Retry-After": str(max(1, round(seconds)))}
    return JSONResponse({"detail": sentence, **_trace()}, status_code=503, headers=again)


def _trace() -> dict[str, str]:
    """What finds the request again in traces and logs."""
    return {name: value for name, value in tracing.ids().items() if name == "trace_id"}
