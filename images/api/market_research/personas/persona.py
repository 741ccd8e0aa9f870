"""A persona, and how it is kept in PostgreSQL with the vector of its meaning."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict, Field

from market_research.llm.model import Known, Profile, Vector

KNOWN = 1000
COLUMNS = """id, name, (profile->>'age')::int AS age, profile->>'occupation' AS occupation,
    profile->>'location' AS location, profile->>'description' AS description, created_at"""


class Persona(BaseModel):
    """A made-up person; `similarity` to a query goes from 0 to 1 (the same meaning); null without a query."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    age: int
    occupation: str
    location: str
    description: str
    created_at: datetime
    similarity: float | None = Field(None, ge=0, le=1)


class Personas(BaseModel):
    """A page of personas, and how many there are in all."""

    items: list[Persona]
    total: int


def meaning(profile: Profile) -> str:
    """The text that a persona is found by."""
    return f"{profile.occupation}. {profile.description} {profile.location}"


async def insert(
    connection: AsyncConnection, profiles: Sequence[Profile], vectors: Sequence[Vector], embedder: str
) -> list[Persona]:
    """New personas with the vectors of their meaning and the name of the embedder that made these."""
    made = []
    async with connection.cursor(row_factory=class_row(Persona)) as cursor:
        for profile, vector in zip(profiles, vectors, strict=True):
            await cursor.execute(
                "INSERT INTO persona (name, profile, embedding, embedder) VALUES (%s, %s, %s::vector, %s)"
                f" RETURNING {COLUMNS}",
                [profile.name, Jsonb(profile.model_dump(exclude={"name"})), literal(vector), embedder],
            )
            made += await cursor.fetchall()
    return made


async def known(connection: AsyncConnection) -> Known:
    """Who there is: whoever is made up next is somebody else."""
    cursor = await connection.execute("SELECT name FROM persona ORDER BY created_at DESC, id LIMIT %s", [KNOWN])
    names = frozenset(row[0] for row in await cursor.fetchall())
    return Known(await _count(connection), names)


async def newest(connection: AsyncConnection, limit: int, offset: int) -> Personas:
    """The newest personas first."""
    query = f"SELECT {COLUMNS} FROM persona ORDER BY created_at DESC, id LIMIT %s OFFSET %s"
    return Personas(items=await _all(connection, query, [limit, offset]), total=await _count(connection))


async def nearest(connection: AsyncConnection, vector: Vector, embedder: str, limit: int, offset: int) -> Personas:
    """The most similar personas first, among those whose vectors the same embedder made."""
    text = literal(vector)
    async with connection.transaction():
        # The index gives this many candidates at first and goes on while too few of them are the embedder's.
        await connection.execute(
            "SELECT set_config('hnsw.ef_search', %s, true), set_config('hnsw.iterative_scan', 'strict_order', true)",
            [str(min(1000, max(40, limit + offset)))],
        )
        items = await _all(
            connection,
            f"SELECT {COLUMNS}, least(1, greatest(0, 1 - (embedding <=> %s::vector))) AS similarity FROM persona"
            " WHERE embedder = %s ORDER BY embedding <=> %s::vector LIMIT %s OFFSET %s",
            [text, embedder, text, limit, offset],
        )
    return Personas(items=items, total=await _count(connection, "WHERE embedder = %s", [embedder]))


async def delete(connection: AsyncConnection, persona_id: UUID) -> bool:
    """Whether there was one; psycopg.errors.ForeignKeyViolation while it takes part in a focus group."""
    return (await connection.execute("DELETE FROM persona WHERE id = %s", [persona_id])).rowcount == 1


def literal(vector: Vector) -> str:
    """A vector as pgvector reads it."""
    return "[" + ",".join(map(str, vector)) + "]"


async def _all(connection: AsyncConnection, query: str, values: list[Any]) -> list[Persona]:
    async with connection.cursor(row_factory=class_row(Persona)) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()


async def _count(connection: AsyncConnection, where: str = "", values: Sequence[Any] = ()) -> int:
    row = await (await connection.execute(f"SELECT count(*) FROM persona {where}", values)).fetchone()
    return int(row[0]) if row else 0
