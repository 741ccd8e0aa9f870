"""The tokens that the language models took, by model and project."""

from collections.abc import Awaitable
from typing import Any, TypeVar
from uuid import UUID

from fastapi import APIRouter
from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

from market_research.access import MEMBERS_ONLY, Database, Member
from market_research.llm.model import LlmError, Reply, Tokens

router = APIRouter(prefix="/api/usage", tags=["usage"], responses=MEMBERS_ONLY)

Row = TypeVar("Row", bound=BaseModel)
Answered = TypeVar("Answered")
SUMS = """count(*) AS calls, count(*) FILTER (WHERE cached) AS cached,
    coalesce(sum(input_tokens), 0)::bigint AS input_tokens, coalesce(sum(output_tokens), 0)::bigint AS output_tokens"""


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
    """Remember one call of a model."""
    await connection.execute(
        "INSERT INTO token_usage (project_id, model, cached, input_tokens, output_tokens) VALUES (%s, %s, %s, %s, %s)",
        [project_id, model, cached, tokens.input, tokens.output],
    )


async def counted(
    pool: AsyncConnectionPool[AsyncConnection],
    model: str,
    call: Awaitable[Reply[Answered]],
    project_id: UUID | None = None,
) -> Answered:
    """What the model answered, with its tokens remembered; also those of a call that fails in the end."""
    try:
        reply = await call
    except LlmError as error:
        if error.tokens != Tokens():
            async with pool.connection() as connection:
                await record(connection, model, error.tokens, project_id=project_id)
        raise
    async with pool.connection() as connection:
        await record(connection, model, reply.tokens, project_id=project_id)
    return reply.value


@router.get("")
async def show(_: Member, database: Database) -> Usage:
    """All tokens so far, by model and by project."""
    by_project = f"""
        SELECT project_id, project.name AS project, model, {SUMS}
        FROM token_usage LEFT JOIN project ON project.id = project_id
        GROUP BY project_id, project.name, model ORDER BY input_tokens DESC, model"""
    by_model = f"SELECT model, {SUMS} FROM token_usage GROUP BY model ORDER BY input_tokens DESC, model"
    return Usage(
        total=(await _all(database, Sums, f"SELECT {SUMS} FROM token_usage"))[0],
        by_model=await _all(database, ModelSums, by_model),
        by_project=await _all(database, ProjectSums, by_project),
    )


async def _all(connection: AsyncConnection, kind: type[Row], query: Any) -> list[Row]:
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        await cursor.execute(query)
        return await cursor.fetchall()
