"""The clients of the three stores: none connects before it is asked to, and each finds its store again by itself."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from neo4j import AsyncDriver, AsyncGraphDatabase
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from market_research.address import Address
from market_research.settings import Passwords, Settings

CONNECT_SECONDS = 2
ANSWER_SECONDS = 10
# How long a request waits for a free connection, or for PostgreSQL to come back.
POOL_SECONDS = 4
CLOSE_SECONDS = 3
# A dead peer is noticed after this time, although it closed nothing.
SILENCE_MILLISECONDS = 5000


def postgres_options(address: Address, password: str) -> dict[str, str | int]:
    """libpq's words for logging in at `address`."""
    return {
        "host": address.host,
        "port": address.port,
        "user": address.user,
        "dbname": address.database,
        "password": password,
        "connect_timeout": CONNECT_SECONDS,
        "tcp_user_timeout": SILENCE_MILLISECONDS,
        "application_name": "market_research",
    }


def redis_client(address: Address, password: str, connections: int, answer_seconds: float) -> Redis:
    """A client that waits for a free connection instead of failing, and fails instead of waiting for a dead server."""
    pool = BlockingConnectionPool(
        host=address.host,
        port=address.port,
        username=address.user,
        password=password,
        db=int(address.database),
        max_connections=connections,
        timeout=answer_seconds,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=answer_seconds,
        retry=Retry(NoBackoff(), 1),
    )
    return Redis.from_pool(pool)


def neo4j_driver(address: Address, password: str, connections: int) -> AsyncDriver:
    """A driver whose queries give up in seconds, not in its default minute."""
    return AsyncGraphDatabase.driver(
        f"bolt://{address}",
        auth=(address.user, password),
        max_connection_pool_size=connections,
        connection_timeout=CONNECT_SECONDS,
        connection_acquisition_timeout=CONNECT_SECONDS * 2,
        max_transaction_retry_time=ANSWER_SECONDS,
        user_agent="market_research",
    )


@dataclass(frozen=True)
class Stores:
    """What the routes ask the stores through."""

    postgres: AsyncConnectionPool
    redis: Redis
    neo4j: AsyncDriver

    @classmethod
    def at(cls, settings: Settings, passwords: Passwords) -> "Stores":
        """Clients for these addresses; nothing is connected yet."""
        return cls(
            postgres=AsyncConnectionPool(
                kwargs={
                    **postgres_options(settings.postgres_url, passwords.postgres_password.get_secret_value()),
                    "options": f"-c statement_timeout={ANSWER_SECONDS}s",
                },
                min_size=1,
                max_size=settings.postgres_pool_size,
                timeout=POOL_SECONDS,
                # Then the next request tries anew, instead of waiting for a long pause between attempts to end.
                reconnect_timeout=5,
                check=AsyncConnectionPool[AsyncConnection].check_connection,
                open=False,
                name="postgres",
            ),
            redis=redis_client(
                settings.redis_url,
                passwords.redis_password.get_secret_value(),
                settings.redis_pool_size,
                ANSWER_SECONDS,
            ),
            neo4j=neo4j_driver(
                settings.neo4j_url, passwords.neo4j_password.get_secret_value(), settings.neo4j_pool_size
            ),
        )

    async def open(self) -> None:
        """Let PostgreSQL's pool begin to fill; it goes on in the background when the store is down."""
        await self.postgres.open(wait=False)

    async def close(self) -> None:
        """Give every connection back, as far as the stores let go of them in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await asyncio.gather(self.postgres.close(CLOSE_SECONDS), self.redis.aclose(), self.neo4j.close())
