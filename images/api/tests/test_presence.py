"""How people who are here are noted."""

from typing import cast
from uuid import UUID, uuid4

import anyio
import pytest
from market_research.accounts import presence
from market_research.accounts.presence import Presence
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

pytestmark = pytest.mark.anyio
ADA, BEN = uuid4(), uuid4()


class Book:
    """As much of Redis as noting needs."""

    def __init__(self) -> None:
        self.noted: list[UUID] = []
        self.away = self.hangs = False

    async def zadd(self, _: str, seen: dict[str, float]) -> None:
        if self.away:
            raise RedisConnectionError("connection refused")
        if self.hangs:
            await anyio.sleep_forever()
        self.noted += map(UUID, seen)


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def here(book: Book) -> Presence:
    return Presence(cast(Redis, book))


async def test_of_many_requests_in_a_row_one_is_noted(book: Book, here: Presence) -> None:
    for one in (ADA, ADA, BEN, ADA, BEN):
        await here.note(one)
    assert book.noted == [ADA, BEN]


async def test_whoever_stays_is_noted_again(book: Book, here: Presence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "PAUSE_SECONDS", 0.01)
    await here.note(ADA)
    await anyio.sleep(0.02)
    await here.note(ADA)
    assert book.noted == [ADA, ADA]


async def test_a_request_does_not_fail_because_nobody_counts_it(book: Book, here: Presence) -> None:
    book.away = True
    await here.note(ADA)
    assert book.noted == []


async def test_a_request_does_not_wait_long_to_be_counted(
    book: Book, here: Presence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "PATIENCE_SECONDS", 0.01)
    book.hangs = True
    with anyio.fail_after(1):
        await here.note(ADA)
    assert book.noted == []
