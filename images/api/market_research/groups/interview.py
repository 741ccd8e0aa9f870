"""Asking the participants of a focus group what has not been answered yet."""

import asyncio
import hashlib
import json
import logging
from dataclasses import dataclass
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from redis.asyncio import Redis
from redis.exceptions import RedisError

from market_research import usage
from market_research.groups import bulletin
from market_research.groups.group import Group, Participant
from market_research.llm.llm import Llm
from market_research.llm.model import Opinion, Profile, Tokens
from market_research.stores import Stores
from market_research.watch import reason

AT_ONCE = 4
REMEMBERED_SECONDS = 24 * 3600

log = logging.getLogger(__name__)


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
        """Ask all that is missing, a few at once; the first failure ends it, with what is under way.

        Raises LlmError, or what a store raises; psycopg.errors.ForeignKeyViolation when the group is deleted meanwhile.
        """
        turns = iter(missing(group))
        # Answers of one group are written one after the other: waiting here holds no connection.
        writing = asyncio.Lock()

        async def ask() -> None:
            for turn in turns:
                opinion, cached = await self._opinion(group, turn)
                async with writing, self._stores.postgres.connection() as connection:
                    await _keep(connection, group.id, turn, opinion, cached=cached)
                    await bulletin.announce(connection, group.id)

        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(AT_ONCE):
                    tasks.create_task(ask())
        except ExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _opinion(self, group: Group, turn: Turn) -> tuple[Opinion, bool]:
        """What the participant says, and whether the cache knew it."""
        profile = Profile.model_validate(turn.participant.persona.model_dump())
        material = (group.stimulus.description or group.stimulus.name) if group.stimulus else None
        asked = (profile, group.topic, group.questions[turn.question], material)
        pool, name, key = self._stores.postgres, self._llm.model.name, _key(self._llm.model.name, *asked)
        known = await _remembered(self._stores.redis, key)
        if known:
            async with pool.connection() as connection:
                await usage.record(connection, name, Tokens(), project_id=group.project_id, cached=True)
            return known, True
        opinion = await usage.counted(pool, name, self._llm.model.opinion(*asked), group.project_id)
        await _remember(self._stores.redis, key, opinion)
        return opinion, False


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


async def _remembered(redis: Redis, key: str) -> Opinion | None:
    """A cached opinion; a cache that is away knows none."""
    try:
        text = await redis.get(key)
    except RedisError as error:
        log.info("no cache: %s", reason(error))
        return None
    return Opinion.model_validate_json(text) if text else None


async def _remember(redis: Redis, key: str, opinion: Opinion) -> None:
    try:
        await redis.set(key, opinion.model_dump_json(), ex=REMEMBERED_SECONDS)
    except RedisError as error:
        log.info("not cached: %s", reason(error))
