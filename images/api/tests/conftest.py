"""Stores that say what a test tells them to, and the API over them."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import anyio
import pytest

pytest.importorskip(
    "fastapi", reason="the API's own packages live in its image: docker build --target tests images/api"
)

from httpx import ASGITransport, AsyncClient
from market_research.accounts.presence import Presence
from market_research.address import Address
from market_research.app import Parts, create_app
from market_research.groups.bulletin import Bulletin
from market_research.health import Doctor, newest_migration
from market_research.llm.llm import Llm
from market_research.projects.shelf import Shelf
from market_research.stores import Stores, redis_client
from market_research.watch import Watch
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from psycopg_pool import AsyncConnectionPool


@dataclass
class FakeStore:
    """Answers at once, fails, or keeps silent; counts the questions."""

    answer: str | None = None
    error: Exception | None = None
    hangs: bool = False
    asked: int = field(default=0, init=False)

    async def __call__(self) -> str | None:
        self.asked += 1
        if self.hangs:
            await anyio.sleep_forever()
        if self.error is not None:
            raise self.error
        return self.answer


@dataclass
class FakeStores:
    postgres: FakeStore = field(default_factory=lambda: FakeStore(answer=newest_migration()))
    redis: FakeStore = field(default_factory=FakeStore)
    neo4j: FakeStore = field(default_factory=FakeStore)

    def doctor(self) -> Doctor:
        return Doctor(
            [
                Watch("postgres", self.postgres, required=True),
                Watch("redis", self.redis, required=True),
                Watch("neo4j", self.neo4j, required=False),
            ]
        )


async def _nothing() -> None:
    pass


def parts(doctor: Doctor) -> Parts:
    """What the application is made of, with clients of stores that are not there."""
    nowhere = Address("app", "127.0.0.1", 1, "0")
    redis = redis_client(nowhere, "", connections=1, answer_seconds=1)
    stores = SimpleNamespace(
        open=_nothing,
        close=_nothing,
        postgres=AsyncConnectionPool("host=127.0.0.1 port=1", open=False),
        redis=redis,
    )
    return Parts(doctor, cast(Stores, stores), Llm.offline(), Bulletin({}), Shelf(Path("nowhere")), Presence(redis))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def stores() -> FakeStores:
    return FakeStores()


@pytest.fixture
def doctor(stores: FakeStores) -> Doctor:
    return stores.doctor()


@pytest.fixture
async def api(doctor: Doctor, anyio_backend: str) -> AsyncIterator[AsyncClient]:
    app = create_app(parts(doctor), drain_seconds=0)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://api") as client:
        yield client


@pytest.fixture(scope="session")
def exported() -> InMemorySpanExporter:
    """Where spans end up; a process has one provider for good."""
    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture
def spans(exported: InMemorySpanExporter) -> Iterator[InMemorySpanExporter]:
    exported.clear()
    yield exported
