"""A focus group as server-sent events: what there is already, then what comes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID

from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool

from market_research.groups import group
from market_research.groups.answer import Answer
from market_research.groups.bulletin import Bulletin
from market_research.groups.group import GroupSummary

HEARTBEAT_SECONDS = 15
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
FIRST = "retry: 1000\n\n"


async def events(
    pool: AsyncConnectionPool[AsyncConnection],
    bulletin: Bulletin,
    leaving: Callable[[], bool],
    group_id: UUID,
    after: int,
) -> AsyncIterator[str]:
    """Answers after the one with the id `after` and every change of state.

    It ends when nothing more will come, when the process is leaving, or with the database: browsers ask again then.
    """
    told: GroupSummary | None = None
    yield FIRST
    with bulletin.follow(group_id) as news:
        while not leaving():
            news.clear()
            try:
                async with pool.connection() as connection:
                    now = await group.summary(connection, group_id)
                    fresh = await group.answers(connection, group_id, after=after)
            except OperationalError:
                return
            for answer in fresh:
                after = answer.id
                yield _event("answer", answer, identity=answer.id)
            if now is None:
                return
            if now != told:
                told = now
                yield _event("state", now)
            if now.state != "running":
                return
            if not await _comes(news, leaving):
                yield ": still here\n\n"


async def _comes(news: asyncio.Event, leaving: Callable[[], bool]) -> bool:
    """Whether there is news, or a reason to leave, before the next heartbeat."""
    for _ in range(HEARTBEAT_SECONDS):
        try:
            async with asyncio.timeout(1):
                await news.wait()
        except TimeoutError:
            if leaving():
                return True
        else:
            return True
    return False


def _event(kind: str, data: Answer | GroupSummary, identity: int | None = None) -> str:
    number = f"id: {identity}\n" if identity is not None else ""
    return f"event: {kind}\n{number}data: {data.model_dump_json()}\n\n"
