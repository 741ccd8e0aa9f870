"""Stimulus material: what participants are shown. Rows are in PostgreSQL, contents are files of the same name."""

import asyncio
import logging
from datetime import datetime
from uuid import UUID

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import class_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, ConfigDict

from market_research.projects.shelf import Shelf

TIDY_SECONDS = 3600
COLUMNS = "id, name, description, media_type, size, created_at"

log = logging.getLogger(__name__)


class NewStimulus(BaseModel):
    """A picture or document; `description` is what the participants are told of it, `size` is in bytes."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    description: str
    media_type: str
    size: int


class Stimulus(NewStimulus):
    """A picture or document that is kept."""

    created_at: datetime


async def insert(connection: AsyncConnection, project_id: UUID, new: NewStimulus) -> Stimulus:
    """A new row; psycopg.errors.ForeignKeyViolation without such a project."""
    async with connection.cursor(row_factory=class_row(Stimulus)) as cursor:
        await cursor.execute(
            "INSERT INTO stimulus (id, project_id, name, description, media_type, size)"
            f" VALUES (%s, %s, %s, %s, %s, %s) RETURNING {COLUMNS}",
            [new.id, project_id, new.name, new.description, new.media_type, new.size],
        )
        (made,) = await cursor.fetchall()
    return made


async def find(connection: AsyncConnection, stimulus_id: UUID) -> Stimulus | None:
    """The row of a stimulus."""
    async with connection.cursor(row_factory=class_row(Stimulus)) as cursor:
        await cursor.execute(f"SELECT {COLUMNS} FROM stimulus WHERE id = %s", [stimulus_id])
        return await cursor.fetchone()


async def of_project(connection: AsyncConnection, project_id: UUID) -> list[Stimulus]:
    """The material of a project, the newest first."""
    async with connection.cursor(row_factory=class_row(Stimulus)) as cursor:
        await cursor.execute(
            f"SELECT {COLUMNS} FROM stimulus WHERE project_id = %s ORDER BY created_at DESC", [project_id]
        )
        return await cursor.fetchall()


async def ids(connection: AsyncConnection) -> list[UUID]:
    """All material that there is."""
    return [row[0] for row in await (await connection.execute("SELECT id FROM stimulus")).fetchall()]


async def delete(connection: AsyncConnection, stimulus_id: UUID) -> bool:
    """Whether there was one; psycopg.errors.ForeignKeyViolation while a focus group shows it."""
    return (await connection.execute("DELETE FROM stimulus WHERE id = %s", [stimulus_id])).rowcount == 1


async def keep_tidy(pool: AsyncConnectionPool[AsyncConnection], shelf: Shelf) -> None:
    """Sweep the shelf now and then, until cancelled."""
    while True:
        try:
            async with pool.connection() as connection:
                known = await ids(connection)
            if removed := await shelf.sweep(known):
                log.info("%s abandoned files removed", removed)
        except (OperationalError, OSError) as error:
            log.warning("files are not tidied up: %s", error)
        await asyncio.sleep(TIDY_SECONDS)
