"""The ASGI application: what it is made of, and what it opens and closes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from market_research import __version__, docs, routes
from market_research.drain import draining_on_sigterm
from market_research.health import Doctor
from market_research.logs import AccessLog
from market_research.stores import Stores


def create_app(doctor: Doctor, stores: Stores, drain_seconds: float) -> FastAPI:
    """The application over these stores; they need not be up."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await stores.open()
        try:
            with draining_on_sigterm(doctor, drain_seconds):
                yield
        finally:
            await stores.close()

    app = FastAPI(
        title="Market Research",
        version=__version__,
        description="Virtual focus groups with AI",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.doctor = doctor
    app.state.stores = stores
    app.add_middleware(AccessLog)
    app.include_router(routes.router)
    app.include_router(docs.router)
    return app
