"""The cache forgets, goes away, and outlives versions; none of that is a failure."""

from typing import cast

import pytest
from market_research.cache import remember, remembered
from pydantic import BaseModel
from redis.asyncio import Redis

from tests.memory import Memory

pytestmark = pytest.mark.anyio


class Word(BaseModel):
    text: str


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def redis(memory: Memory) -> Redis:
    return cast(Redis, memory)


async def test_what_is_kept_is_remembered_and_has_a_lifetime(redis: Redis, memory: Memory) -> None:
    await remember(redis, "word", Word(text="rye"), 60)
    assert await remembered(redis, "word", Word) == Word(text="rye")
    assert memory.lifetimes == {"word": 60}


async def test_a_cache_that_is_away_knows_nothing_and_takes_nothing(redis: Redis, memory: Memory) -> None:
    await remember(redis, "word", Word(text="rye"), 60)
    memory.away = True
    await remember(redis, "word", Word(text="oat"), 60)
    assert await remembered(redis, "word", Word) is None
    memory.away = False
    assert await remembered(redis, "word", Word) == Word(text="rye")


@pytest.mark.parametrize("foreign", ['{"words": ["rye"]}', "no JSON"])
async def test_what_another_version_wrote_is_not_known(redis: Redis, memory: Memory, foreign: str) -> None:
    memory.entries["word"] = foreign
    assert await remembered(redis, "word", Word) is None
