"""Asking the participants of a focus group what has not been answered yet."""

import asyncio
import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb

from market_research import usage
from market_research.cache import remember, remembered
from market_research.groups import bulletin
from market_research.groups.group import Group, Participant
from market_research.llm.llm import Llm
from market_research.llm.model import Opinion, Profile, Reply, Tokens
from market_research.stores import Stores

AT_ONCE = 4
CACHED_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Turn:
    """One participant's answer to one question, still to be given."""

    participant: Participant
    question: int


def missing(group: Group) -> list[Turn]:
    """What is still to be asked, question by question."""
    given = {(answer.participant_id, answer.question) for answer in group.results}
    return [
        Turn(participant, question)
        for question in range(len(group.questions))
        for participant in group.people
        if (participant.id, question) not in given
    ]


class Interview:
    """Fills a focus group with answers. What is answered stays, so it can be broken off and taken up anywhere."""

    def __init__(self, stores: Stores, llm: Llm) -> None:
        self._stores = stores
        self._llm = llm

    async def hold(self, group: Group) -> None:
        """Ask all that is missing, a few at once; after the first failure no more, but what is under way is kept.

        Raises LlmError, or what a store raises; psycopg.errors.ForeignKeyViolation when the group is deleted meanwhile.
        """
        turns = iter(missing(group))
        # Answers of one group are written one after the other: waiting here holds no connection.
        writing = asyncio.Lock()
        failures: list[Exception] = []

        async def ask() -> None:
            for turn in turns:
                if failures:
                    return
                try:
                    await self._take(group, turn, writing)
                except Exception as failure:
                    failures.append(failure)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(ask())
        if failures:
            raise failures[0]

    async def _take(self, group: Group, turn: Turn, writing: asyncio.Lock) -> None:
        profile = Profile.model_validate(turn.participant.persona.model_dump())
        material = (group.stimulus.description or group.stimulus.name) if group.stimulus else None
        asked = (profile, group.topic, group.questions[turn.question], material)
        pool, name, key = self._stores.postgres, self._llm.model.name, _key(self._llm.model.name, *asked)
        known = await remembered(self._stores.redis, key, Opinion)
        if known:
            reply = Reply(known, Tokens())
        else:
            reply = await usage.replied(pool, name, self._llm.model.opinion(*asked), group.project_id)
            await remember(self._stores.redis, key, reply.value, CACHED_SECONDS)
        async with writing, pool.connection() as connection:
            await _keep(connection, group.id, turn, reply.value, cached=known is not None)
            await usage.record(connection, name, reply.tokens, project_id=group.project_id, cached=known is not None)
            await bulletin.announce(connection, group.id)


async def _keep(connection: AsyncConnection, group_id: UUID, turn: Turn, opinion: Opinion, *, cached: bool) -> None:
    # The group's row is locked first, against other processes: whoever follows the ids of answers sees none late.
    await connection.execute("SELECT 1 FROM focus_group WHERE id = %s FOR NO KEY UPDATE", [group_id])
    await connection.execute(
        "INSERT INTO answer (focus_group_id, participant_id, question, text, themes, cached)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [
            group_id,
            turn.participant.id,
            turn.question,
            opinion.text,
            Jsonb([mention.model_dump() for mention in opinion.themes]),
            cached,
        ],
    )


def _key(model: str, profile: Profile, topic: str, question: str, material: str | None) -> str:
    asked = json.dumps([model, profile.model_dump(), topic, question, material], sort_keys=True)
    return f"opinion:{hashlib.sha256(asked.encode()).hexdigest()}"
