"""What people search for, as a vector: known for a day, as many type the same or go back a page."""

import hashlib

from pydantic import BaseModel, Field, FiniteFloat

from market_research import usage
from market_research.cache import remember, remembered
from market_research.llm.model import DIMENSIONS, Embedder, Tokens, Vector
from market_research.llm.patience import within
from market_research.stores import Stores

SECONDS = 10
CACHED_SECONDS = 24 * 3600


class _Meaning(BaseModel):
    vector: list[FiniteFloat] = Field(min_length=DIMENSIONS, max_length=DIMENSIONS)


async def vector(query: str, stores: Stores, embedder: Embedder) -> Vector:
    """The vector of a query, from the cache if that has it; LlmError when the embedder has none in time."""
    key = f"query:{embedder.name}:{hashlib.sha256(query.encode()).hexdigest()}"
    if known := await remembered(stores.redis, key, _Meaning):
        async with stores.postgres.connection() as connection:
            await usage.record(connection, embedder.name, Tokens(), cached=True)
        return known.vector
    async with within(SECONDS):
        (made,) = await usage.counted(stores.postgres, embedder.name, embedder.embed([query]))
    await remember(stores.redis, key, _Meaning(vector=made), CACHED_SECONDS)
    return made
