"""What can be found out again, kept in Redis for a while: every entry has a lifetime, so that it can be evicted."""

import logging
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from market_research.telemetry.metrics import CACHE_LOOKUPS
from market_research.watch import reason

Value = TypeVar("Value", bound=BaseModel)

log = logging.getLogger(__name__)


async def remembered(redis: Redis, key: str, kind: type[Value]) -> Value | None:
    """The value of a key; None when there is none, the cache is away, or another version wrote it in its own form."""
    cache = key.partition(":")[0]
    try:
        text = await redis.get(key)
        known = kind.model_validate_json(text) if text else None
        CACHE_LOOKUPS.labels(cache, "hit" if known else "miss").inc()
        return known
    except RedisError as error:
        log.info("no cache: %s", reason(error))
        CACHE_LOOKUPS.labels(cache, "unavailable").inc()
    except ValidationError:
        log.info("no cache: %s is another version's", cache)
        CACHE_LOOKUPS.labels(cache, "miss").inc()
    return None


async def remember(redis: Redis, key: str, value: BaseModel, seconds: int) -> None:
    """Keep a value for so long, if the cache takes it."""
    try:
        await redis.set(key, value.model_dump_json(), ex=seconds)
    except RedisError as error:
        log.info("not cached: %s", reason(error))
