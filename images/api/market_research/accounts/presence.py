"""Who has been here lately: one set in Redis, so that nobody counts twice, whichever processes saw them."""

import asyncio
import time
from contextlib import suppress
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

KEY = "presence"
MINUTES = (5, 15)
# Of many requests in a row one is noted: each is a write that Redis also keeps on disk.
PAUSE_SECONDS = 15
PATIENCE_SECONDS = 2


class Presence:
    """When each account made its last request, as far back as anybody asks."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._noted: dict[UUID, float] = {}

    async def note(self, account_id: UUID) -> None:
        """Somebody is here; without Redis they go uncounted."""
        begun = time.monotonic() - PAUSE_SECONDS
        if self._noted.get(account_id, begun) > begun:
            return
        self._noted = {one: at for one, at in self._noted.items() if at > begun} | {account_id: time.monotonic()}
        with suppress(RedisError, TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._redis.zadd(KEY, {account_id.hex: time.time()})

    async def count(self) -> dict[int, int]:
        """How many were here within each of MINUTES; redis.RedisError or TimeoutError while Redis is away."""
        now = time.time()
        async with asyncio.timeout(PATIENCE_SECONDS), self._redis.pipeline(transaction=False) as commands:
            commands.zremrangebyscore(KEY, "-inf", now - 60 * max(MINUTES))
            for minutes in MINUTES:
                commands.zcount(KEY, now - 60 * minutes, "+inf")
            _, *counts = await commands.execute()
        return dict(zip(MINUTES, counts, strict=True))
