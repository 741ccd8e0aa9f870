"""How long people wait for a language model."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from market_research.llm.model import LlmError


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Everything in here together takes no longer than this: then it is broken off, and LlmError says so."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise LlmError("timeout", f"The language model was not done within {seconds:g} seconds.") from None
