"""Stores that say what a test tells them to, and the API over them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import anyio
import pytest

pytest.importorskip(
    "fastapi", reason="the API's own packages live in its image: docker build --target tests images/api"
)

from httpx import ASGITransport, AsyncClient
from market_research.app import create_app
from market_research.health import Doctor
from market_research.stores import Stores
from market_research.watch import Watch


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
    postgres: FakeStore = field(default_factory=lambda: FakeStore(answer="0001"))
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


NO_STORES = cast(Stores, SimpleNamespace(open=_nothing, close=_nothing))


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
    app = create_app(doctor, NO_STORES, drain_seconds=0)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://api") as client:
        yield client
