"""A project, and how it is kept in PostgreSQL."""

from datetime import datetime
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row
from pydantic import BaseModel, ConfigDict

# As many as one looks through without a search; older ones keep their addresses.
MOST = 200
SUMMARY = """SELECT id, name, created_at,
    (SELECT count(*) FROM focus_group WHERE project_id = project.id) AS focus_groups FROM project"""


class ProjectSummary(BaseModel):
    """A project, and how many focus groups it has."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    created_at: datetime
    focus_groups: int


async def insert(connection: AsyncConnection, name: str) -> ProjectSummary:
    """A new project."""
    async with connection.cursor(row_factory=class_row(ProjectSummary)) as cursor:
        await cursor.execute(
            "INSERT INTO project (name) VALUES (%s) RETURNING id, name, created_at, 0 AS focus_groups", [name]
        )
        return (await cursor.fetchall())[0]


async def newest(connection: AsyncConnection) -> list[ProjectSummary]:
    """The newest projects."""
    async with connection.cursor(row_factory=class_row(ProjectSummary)) as cursor:
        await cursor.execute(f"{SUMMARY} ORDER BY created_at DESC, id LIMIT %s", [MOST])
        return await cursor.fetchall()


async def find(connection: AsyncConnection, project_id: UUID) -> ProjectSummary | None:
    """A project, if there is one with this id."""
    async with connection.cursor(row_factory=class_row(ProjectSummary)) as cursor:
        await cursor.execute(f"{SUMMARY} WHERE id = %s", [project_id])
        return await cursor.fetchone()


async def delete(connection: AsyncConnection, project_id: UUID) -> list[UUID] | None:
    """Delete a project with its focus groups and material, and return the ids of that; None when there was none."""
    async with connection.transaction():
        # Nothing is put into the project from now on: a new row would need a lock on this one.
        await connection.execute("SELECT 1 FROM project WHERE id = %s FOR UPDATE", [project_id])
        rows = await (
            await connection.execute("SELECT id FROM stimulus WHERE project_id = %s", [project_id])
        ).fetchall()
        # First the groups: they keep their material from being deleted.
        await connection.execute("DELETE FROM focus_group WHERE project_id = %s", [project_id])
        gone = await connection.execute("DELETE FROM project WHERE id = %s", [project_id])
    return [row[0] for row in rows] if gone.rowcount else None
