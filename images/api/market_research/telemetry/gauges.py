"""What is not counted where it happens but looked at: pools, the queue of focus groups, the stores, people.

Redis' pool does not tell who waits for it, and Neo4j's driver tells nothing of its own.
"""

import asyncio
from contextlib import suppress

import psycopg
from redis.exceptions import RedisError

from market_research import __version__
from market_research.accounts.presence import Presence
from market_research.health import Doctor
from market_research.stores import Stores
from market_research.telemetry.metrics import (
    BUILD,
    CONNECTIONS,
    GROUPS_WAITING,
    MOST_CONNECTIONS,
    PENDING,
    STORE_UP,
    USERS_ACTIVE,
)

SECONDS = 5
WAITING = "SELECT count(*) FROM focus_group WHERE state = 'running' AND (due_at <= now() OR error IS NOT NULL)"
# Those that are due and on lease to nobody, or that wait for the language model.


async def look(stores: Stores, doctor: Doctor, presence: Presence) -> None:
    """Look every few seconds, until cancelled."""
    BUILD.labels(__version__).set(1)
    while True:
        _postgres(stores)
        _redis(stores)
        for store, is_up in (await doctor.seen()).items():
            STORE_UP.labels(store).set(is_up)
        # A store that is away is no news here: store_up says it.
        with suppress(psycopg.OperationalError):
            await _queue(stores)
        with suppress(RedisError, TimeoutError):
            await _people(presence)
        await asyncio.sleep(SECONDS)


async def _queue(stores: Stores) -> None:
    async with stores.postgres.connection() as connection:
        row = await (await connection.execute(WAITING)).fetchone()
        GROUPS_WAITING.set(row[0] if row else 0)


async def _people(presence: Presence) -> None:
    for minutes, count in (await presence.count()).items():
        USERS_ACTIVE.labels(f"{minutes}m").set(count)


def _postgres(stores: Stores) -> None:
    figures = stores.postgres.get_stats()
    size, idle = figures.get("pool_size", 0), figures.get("pool_available", 0)
    CONNECTIONS.labels("postgres", "idle").set(idle)
    CONNECTIONS.labels("postgres", "used").set(size - idle)
    MOST_CONNECTIONS.labels("postgres").set(figures.get("pool_max", 0))
    PENDING.labels("postgres").set(figures.get("requests_waiting", 0))


def _redis(stores: Stores) -> None:
    pool = stores.redis.connection_pool
    for count, attributes in pool.get_connection_count():
        CONNECTIONS.labels("redis", attributes["db.client.connection.state"]).set(count)
    MOST_CONNECTIONS.labels("redis").set(pool.max_connections)
