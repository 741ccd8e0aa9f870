"""The ASGI application: what it is made of, and what it opens and closes."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from market_research import __version__, docs, failures, routes, usage
from market_research.accounts import routes as accounts
from market_research.accounts.cookie import SessionCookie
from market_research.accounts.origin import SameOrigin
from market_research.accounts.presence import Presence
from market_research.drain import draining_on_sigterm
from market_research.groups import routes as groups
from market_research.groups.bulletin import Bulletin
from market_research.health import Doctor
from market_research.llm.llm import Llm
from market_research.logs import AccessLog
from market_research.personas import routes as personas
from market_research.projects import routes as projects
from market_research.projects import stimulus_routes as stimuli
from market_research.projects.shelf import Shelf
from market_research.stores import Stores
from market_research.telemetry.requests import Measured

LARGEST_JSON_BYTES = 64 * 1024
# With the drain and the requests that finish it stays below the time after which Docker kills.
LEAVING_SECONDS = 6

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parts:
    """What the routes work with, and what runs beside them; the stores and the language model need not be up."""

    doctor: Doctor
    stores: Stores
    llm: Llm
    bulletin: Bulletin
    shelf: Shelf
    presence: Presence
    background: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()


def create_app(parts: Parts, drain_seconds: float) -> FastAPI:
    """The application made of these parts."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await parts.stores.open()
        try:
            async with _running(parts.background):
                with draining_on_sigterm(parts.doctor, drain_seconds):
                    yield
        finally:
            await parts.llm.aclose()
            await parts.stores.close()

    app = FastAPI(
        title="Market Research",
        version=__version__,
        description="Virtual focus groups with AI",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        max_body_size=LARGEST_JSON_BYTES,
    )
    for name, part in vars(parts).items():
        setattr(app.state, name, part)
    failures.handle(app)
    for middleware in (SessionCookie, SameOrigin, AccessLog, Measured):
        app.add_middleware(middleware)
    for module in (routes, accounts, personas, projects, stimuli, groups, usage, docs):
        app.include_router(module.router)
    return app


@asynccontextmanager
async def _running(background: Sequence[Callable[[], Coroutine[Any, Any, None]]]) -> AsyncIterator[None]:
    """Run this beside the requests; when it ends by a mistake of ours, the process does, and is restarted."""
    tasks = [asyncio.create_task(work()) for work in background]
    for task in tasks:
        task.add_done_callback(_leave_when_it_failed)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=LEAVING_SECONDS)


def _leave_when_it_failed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.critical("background work ended", exc_info=error)
        signal.raise_signal(signal.SIGTERM)
