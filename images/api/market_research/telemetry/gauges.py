"""What is not counted where it happens but looked at: pools, the queue of focus groups, the stores.

Redis' pool does not tell who waits for it, and Neo4j's driver tells nothing of its own.
"""

import asyncio

import psycopg

from market_research import __version__
from market_research.health import Doctor
from market_research.stores import Stores
from market_research.telemetry.metrics import BUILD, CONNECTIONS, GROUPS_WAITING, MOST_CONNECTIONS, PENDING, STORE_UP

SECONDS = 5
WAITING = "SELECT count(*) FROM focus_group WHERE state = 'running' AND (due_at <= now() OR error IS NOT NULL)"
# Those that are due and on lease to nobody, or that wait for the language model.


async def look(stores: Stores, doctor: Doctor) -> None:
    """Look every few seconds, until cancelled."""
    BUILD.labels(__version__).set(1)
    while True:
        _postgres(stores)
        _redis(stores)
        for store, is_up in (await doctor.seen()).items():
            STORE_UP.labels(store).set(is_up)
        try:
            async with stores.postgres.connection() as connection:
                row = await (await connection.execute(WAITING)).fetchone()
                GROUPS_WAITING.set(row[0] if row else 0)
        except psycopg.OperationalError:
            pass  # store_up says it
        await asyncio.sleep(SECONDS)


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
