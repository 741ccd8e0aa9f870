"""A focus group, and how it is kept in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row, tuple_row
from pydantic import BaseModel, ConfigDict, Field

from market_research.groups.answer import Answer
from market_research.personas import persona
from market_research.personas.persona import Persona
from market_research.projects import stimulus
from market_research.projects.stimulus import Stimulus
from market_research.text import Sentence

State = Literal["planned", "running", "finished", "failed"]

SUMMARY = """
SELECT id, project_id, topic, state, participants, answers, participants * cardinality(questions) AS expected, error,
    created_at
FROM focus_group,
    LATERAL (SELECT count(*) AS participants FROM participant WHERE focus_group_id = focus_group.id) AS p,
    LATERAL (SELECT count(*) AS answers FROM answer WHERE focus_group_id = focus_group.id) AS a
"""


class ForeignMaterialError(Exception):
    """There is no such material in the project."""


class NewGroup(BaseModel):
    """What to talk about, with whom, over which material."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "topic": "a cargo bike for families",
                    "questions": ["What comes to mind first?", "What would keep you from buying it?"],
                    "persona_ids": ["7d0f8a4e-5f0c-4a53-9c0e-0d8f3c3f7a01", "7d0f8a4e-5f0c-4a53-9c0e-0d8f3c3f7a02"],
                    "stimulus_id": None,
                }
            ]
        }
    )

    topic: Sentence
    questions: list[Sentence] = Field(min_length=1, max_length=6)
    persona_ids: set[UUID] = Field(min_length=2, max_length=12)
    stimulus_id: UUID | None = None


class GroupSummary(BaseModel):
    """A focus group and how far it is; `error` says why a run waits or has failed."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    project_id: UUID
    topic: str
    state: State
    participants: int
    answers: int
    expected: int
    error: str | None
    created_at: datetime


class Participant(BaseModel):
    """A persona's place in a focus group."""

    id: UUID
    persona: Persona


class Group(GroupSummary):
    """A focus group with all that is known of it."""

    project_name: str
    questions: list[str]
    stimulus: Stimulus | None
    people: list[Participant]
    results: list[Answer]


async def insert(connection: AsyncConnection, project_id: UUID, new: NewGroup) -> UUID:
    """A new focus group; psycopg.errors.ForeignKeyViolation when one of the ids leads nowhere.

    ForeignMaterialError when the material is another project's.
    """
    async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        if new.stimulus_id:
            query = "SELECT 1 FROM stimulus WHERE id = %s AND project_id = %s FOR KEY SHARE"
            if not await (await cursor.execute(query, [new.stimulus_id, project_id])).fetchone():
                raise ForeignMaterialError
        await cursor.execute(
            "INSERT INTO focus_group (project_id, topic, questions, stimulus_id) VALUES (%s, %s, %s, %s) RETURNING id",
            [project_id, new.topic, new.questions, new.stimulus_id],
        )
        ((group_id,),) = await cursor.fetchall()
        await cursor.executemany(
            "INSERT INTO participant (focus_group_id, persona_id) VALUES (%s, %s)",
            [(group_id, persona_id) for persona_id in sorted(new.persona_ids)],
        )
    return UUID(str(group_id))


async def summary(connection: AsyncConnection, group_id: UUID) -> GroupSummary | None:
    """How far a focus group is."""
    found = await _summaries(connection, "WHERE id = %s", [group_id])
    return found[0] if found else None


async def of_project(connection: AsyncConnection, project_id: UUID) -> list[GroupSummary]:
    """The focus groups of a project, the newest first."""
    return await _summaries(connection, "WHERE project_id = %s ORDER BY created_at DESC", [project_id])


async def find(connection: AsyncConnection, group_id: UUID) -> Group | None:
    """A focus group with people, material and answers."""
    found = await summary(connection, group_id)
    if found is None:
        return None
    row = await (
        await connection.execute(
            "SELECT project.name, questions, stimulus_id FROM focus_group JOIN project ON project.id = project_id"
            " WHERE focus_group.id = %s",
            [group_id],
        )
    ).fetchone()
    if row is None:
        return None
    name, questions, stimulus_id = row
    return Group(
        **found.model_dump(),
        project_name=name,
        questions=questions,
        stimulus=await stimulus.find(connection, stimulus_id) if stimulus_id else None,
        people=await people(connection, group_id),
        results=await answers(connection, group_id, after=0),
    )


async def people(connection: AsyncConnection, group_id: UUID) -> list[Participant]:
    """Who takes part."""

    class Row(Persona):
        participant_id: UUID

    async with connection.cursor(row_factory=class_row(Row)) as cursor:
        await cursor.execute(
            f"SELECT participant.id AS participant_id, persona.* FROM participant JOIN (SELECT {persona.COLUMNS}"
            " FROM persona) AS persona ON persona.id = persona_id WHERE focus_group_id = %s ORDER BY name, persona.id",
            [group_id],
        )
        rows = await cursor.fetchall()
    return [
        Participant(id=row.participant_id, persona=Persona(**row.model_dump(exclude={"participant_id"})))
        for row in rows
    ]


async def answers(connection: AsyncConnection, group_id: UUID, *, after: int) -> list[Answer]:
    """The answers that were given after the one with the id `after`, in their order."""
    async with connection.cursor(row_factory=class_row(Answer)) as cursor:
        await cursor.execute(
            "SELECT id, participant_id, question, text, themes, cached, created_at FROM answer"
            " WHERE focus_group_id = %s AND id > %s ORDER BY id",
            [group_id, after],
        )
        return await cursor.fetchall()


async def start(connection: AsyncConnection, group_id: UUID, traceparent: str | None) -> None:
    """Let a planned or failed focus group run, as a part of this trace."""
    await connection.execute(
        "UPDATE focus_group SET state = 'running', error = NULL, due_at = now(), traceparent = %s"
        " WHERE id = %s AND state IN ('planned', 'failed')",
        [traceparent, group_id],
    )


async def standing(connection: AsyncConnection, group_id: UUID) -> tuple[State, bool] | None:
    """The state of a focus group, and whether it has been written to the graph."""
    query = "SELECT state, graph_at IS NOT NULL FROM focus_group WHERE id = %s"
    row: tuple[State, bool] | None = await (await connection.execute(query, [group_id])).fetchone()
    return row


async def delete(connection: AsyncConnection, group_id: UUID) -> bool:
    """Whether there was one; its part of the graph goes later, by itself."""
    return (await connection.execute("DELETE FROM focus_group WHERE id = %s", [group_id])).rowcount == 1


async def _summaries(connection: AsyncConnection, condition: str, values: Sequence[Any]) -> list[GroupSummary]:
    async with connection.cursor(row_factory=class_row(GroupSummary)) as cursor:
        await cursor.execute(f"{SUMMARY} {condition}", values)
        return await cursor.fetchall()
