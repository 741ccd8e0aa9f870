"""`python -m market_research.rebuild graph|embeddings`: make again what follows from PostgreSQL's rows."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from uuid import UUID

import psycopg
from neo4j.exceptions import DriverError, Neo4jError

from market_research.groups import bulletin, opinion_graph
from market_research.llm.llm import Llm
from market_research.llm.model import LlmError, Profile
from market_research.personas import persona
from market_research.settings import Passwords, Settings, SettingsError
from market_research.stores import Stores
from market_research.usage import counted
from market_research.watch import reason

BATCH = 64
PAUSE_SECONDS = 2


def main() -> int:
    """Return 0 when it is done; 1 with a line why when a store or the model is away, 2 when a setting is wrong."""
    parser = argparse.ArgumentParser(prog="rebuild", description=__doc__)
    parser.add_argument("what", choices=sorted(WORK))
    what = parser.parse_args().what
    try:
        asyncio.run(_with_stores(WORK[what]))
    except SettingsError as error:
        _say(str(error))
        return 2
    except (psycopg.Error, DriverError, Neo4jError, LlmError) as error:
        _say(f"rebuild: {what}: {reason(error)}; what is done stays, run it again")
        return 1
    return 0


async def graph(stores: Stores, _: Llm) -> None:
    """Let the running API write every finished focus group into Neo4j again, and take out whatever else is there."""
    in_graph = await opinion_graph.known(stores.neo4j)
    async with stores.postgres.connection() as connection:
        gone = await connection.execute(
            "INSERT INTO graph_erasure SELECT known.id FROM unnest(%s::uuid[]) AS known (id)"
            " WHERE NOT EXISTS (SELECT 1 FROM focus_group WHERE focus_group.id = known.id AND state = 'finished')"
            " ON CONFLICT DO NOTHING",
            [in_graph],
        )
        again = await connection.execute(
            "UPDATE focus_group SET graph_at = NULL, due_at = now() WHERE state = 'finished'"
        )
        await bulletin.call_for_work(connection)
    _say(f"rebuild: graph: {again.rowcount} focus groups to write, {gone.rowcount} to erase")
    while left := await _left(stores):
        _say(f"rebuild: graph: {left} left")
        await asyncio.sleep(PAUSE_SECONDS)
    await opinion_graph.sweep(stores.neo4j)
    _say("rebuild: graph: done")


async def _left(stores: Stores) -> int:
    query = """SELECT (SELECT count(*) FROM focus_group WHERE state = 'finished' AND graph_at IS NULL)
        + (SELECT count(*) FROM graph_erasure)"""
    async with stores.postgres.connection() as connection:
        row = await (await connection.execute(query)).fetchone()
        return int(row[0]) if row else 0


async def embeddings(stores: Stores, llm: Llm) -> None:
    """Give every persona whose vector another embedder made one of the embedder in use."""
    done = 0
    while rows := await _foreign(stores, llm.embedder.name):
        texts = [persona.meaning(profile) for _, profile in rows]
        vectors = await counted(stores.postgres, llm.embedder.name, llm.embedder.embed(texts))
        async with stores.postgres.connection() as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "UPDATE persona SET embedding = %s::vector, embedder = %s WHERE id = %s",
                [
                    (persona.literal(vector), llm.embedder.name, persona_id)
                    for (persona_id, _), vector in zip(rows, vectors, strict=True)
                ],
            )
        done += len(rows)
        _say(f"rebuild: embeddings: {done} personas")
    _say(f"rebuild: embeddings: all personas are searched with {llm.embedder.name}")


WORK: dict[str, Callable[[Stores, Llm], Awaitable[None]]] = {"graph": graph, "embeddings": embeddings}


async def _foreign(stores: Stores, embedder: str) -> list[tuple[UUID, Profile]]:
    async with stores.postgres.connection() as connection:
        cursor = await connection.execute(
            "SELECT id, profile || jsonb_build_object('name', name) FROM persona WHERE embedder <> %s LIMIT %s",
            [embedder, BATCH],
        )
        return [(row[0], Profile.model_validate(row[1])) for row in await cursor.fetchall()]


async def _with_stores(work: Callable[[Stores, Llm], Awaitable[None]]) -> None:
    settings, passwords = Settings.load(), Passwords.load()
    stores, llm = Stores.at(settings, passwords), Llm.at(settings, passwords)
    await stores.open()
    try:
        await work(stores, llm)
    finally:
        await llm.aclose()
        await stores.close()


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
