"""One question to each store, on a connection of its own, so that busy pools do not look like a store that is down."""

from collections.abc import Awaitable, Callable
from typing import Any

from neo4j.exceptions import AuthError
from psycopg import AsyncConnection

from market_research.address import Address
from market_research.stores import neo4j_driver, postgres_options, redis_client

# What a store says about itself; only PostgreSQL has something to say: the revision of its schema.
Answer = str | None
Question = Callable[[], Awaitable[Answer]]


class LoginRefusedError(Exception):
    """The store is there and refuses the password: asking again at once would lock the user out."""


def postgres_question(address: Address, password: str) -> Question:
    """Ask which migration the database is at; None before the first."""
    connection: AsyncConnection | None = None

    async def ask() -> Answer:
        nonlocal connection
        if connection is None:
            options: dict[str, Any] = postgres_options(address, password)
            connection = await AsyncConnection.connect(**options, autocommit=True)
        try:
            return await _revision(connection)
        except BaseException:
            broken, connection = connection, None
            await broken.close()
            raise

    return ask


async def _revision(connection: AsyncConnection) -> str | None:
    found = await (await connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL")).fetchone()
    if found != (True,):
        return None
    row = await (await connection.execute("SELECT version_num FROM alembic_version")).fetchone()
    return str(row[0]) if row else None


def redis_question(address: Address, password: str, patience_seconds: float) -> Question:
    """Ask for a PONG as the application's user."""
    client = redis_client(address, password, connections=1, answer_seconds=patience_seconds)

    async def ask() -> Answer:
        await client.ping()
        return None

    return ask


def neo4j_question(address: Address, password: str) -> Question:
    """Ask for the answer of a query, which takes more than an open port."""
    driver = neo4j_driver(address, password, connections=1)

    async def ask() -> Answer:
        try:
            async with driver.session() as session:
                await (await session.run("RETURN 1")).consume()
        except AuthError as error:
            raise LoginRefusedError(error.message or "login refused") from error
        return None

    return ask
