"""The tokens that the language models took, by day, model and project."""

from collections.abc import Awaitable, Iterable
from itertools import groupby
from operator import attrgetter
from typing import TypeVar
from uuid import UUID

from fastapi import APIRouter
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

from market_research.access import MEMBERS_ONLY, Database, Member
from market_research.llm.model import LlmError, Reply, Tokens

router = APIRouter(prefix="/api/usage", tags=["usage"], responses=MEMBERS_ONLY)

Answered = TypeVar("Answered")


class Sums(BaseModel):
    """Calls, those of them that the cache answered without any token, and tokens."""

    calls: int
    cached: int
    input_tokens: int
    output_tokens: int


class ModelSums(Sums):
    """What one model took."""

    model: str


class ProjectSums(ModelSums):
    """What one model took for one project; both null outside of projects, and for projects that are gone."""

    project_id: UUID | None
    project: str | None


class Usage(BaseModel):
    """All tokens so far."""

    total: Sums
    by_model: list[ModelSums]
    by_project: list[ProjectSums]


async def record(
    connection: AsyncConnection, model: str, tokens: Tokens, *, project_id: UUID | None = None, cached: bool = False
) -> None:
    """Count one call of a model."""
    await connection.execute(
        """
        INSERT INTO token_usage AS so_far (project_id, model, calls, cached, input_tokens, output_tokens)
        VALUES (%s, %s, 1, %s, %s, %s)
        ON CONFLICT (day, project_id, model) DO UPDATE SET
            calls = so_far.calls + 1,
            cached = so_far.cached + excluded.cached,
            input_tokens = so_far.input_tokens + excluded.input_tokens,
            output_tokens = so_far.output_tokens + excluded.output_tokens""",
        [project_id, model, int(cached), tokens.input, tokens.output],
    )


async def replied(
    pool: AsyncConnectionPool[AsyncConnection],
    model: str,
    call: Awaitable[Reply[Answered]],
    project_id: UUID | None = None,
) -> Reply[Answered]:
    """The model's reply, for the caller to record; the tokens of a call that fails in the end are recorded here."""
    try:
        return await call
    except LlmError as error:
        if error.tokens != Tokens():
            async with pool.connection() as connection:
                await record(connection, model, error.tokens, project_id=project_id)
        raise


async def counted(pool: AsyncConnectionPool[AsyncConnection], model: str, call: Awaitable[Reply[Answered]]) -> Answered:
    """What the model answered outside of projects, with its tokens recorded."""
    reply = await replied(pool, model, call)
    async with pool.connection() as connection:
        await record(connection, model, reply.tokens)
    return reply.value


@router.get("")
async def show(_: Member, database: Database) -> Usage:
    """All tokens so far, by model and by project."""
    # What projects took that are gone is one sum with what was done outside of projects.
    query = """
        SELECT project.id AS project_id, project.name AS project, model, sum(calls)::bigint AS calls,
            sum(cached)::bigint AS cached, sum(input_tokens)::bigint AS input_tokens,
            sum(output_tokens)::bigint AS output_tokens
        FROM token_usage LEFT JOIN project ON project.id = project_id
        GROUP BY project.id, model ORDER BY input_tokens DESC, model, project.id"""
    async with database.cursor(row_factory=class_row(ProjectSums)) as cursor:
        await cursor.execute(query)
        return summed(await cursor.fetchall())


def summed(by_project: list[ProjectSums]) -> Usage:
    """The sums of sums: what took most comes first."""
    model = attrgetter("model")
    models = groupby(sorted(by_project, key=model), model)
    by_model = [ModelSums(model=name, **_total(rows)) for name, rows in models]
    by_model.sort(key=lambda row: -row.input_tokens)
    return Usage(total=Sums(**_total(by_project)), by_model=by_model, by_project=by_project)


def _total(rows: Iterable[Sums]) -> dict[str, int]:
    counts = [row.model_dump(include=set(Sums.model_fields)) for row in rows]
    return {name: sum(count[name] for count in counts) for name in Sums.model_fields}
