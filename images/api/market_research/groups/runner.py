"""Runs focus groups in the background: a queue in PostgreSQL that any process may serve and none has to.

A group that is being worked on is leased: when its process dies, another one goes on after the lease.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import psycopg
from neo4j.exceptions import DriverError, Neo4jError
from psycopg import AsyncConnection
from psycopg.errors import ForeignKeyViolation

from market_research.groups import analysis, bulletin, group, opinion_graph
from market_research.groups.bulletin import Bulletin
from market_research.groups.group import Group
from market_research.groups.interview import Interview
from market_research.llm.model import LlmError
from market_research.stores import Stores
from market_research.watch import reason

RUNS_AT_ONCE = 3
LEASE_SECONDS = 30
RENEW_SECONDS = 10
POLL_SECONDS = 5
AWAY_SECONDS = 5
LONGEST_WAIT_SECONDS = 60

RUNS = "state = 'running'"
GRAPHS = "state = 'finished' AND graph_at IS NULL"
CLAIM = """
UPDATE focus_group SET due_at = now() + make_interval(secs => %s) WHERE id = (
    SELECT id FROM focus_group WHERE due_at <= now() AND {} ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id
"""

log = logging.getLogger(__name__)


class Runner:
    """Serves the queue until it is cancelled, and then hands back what it was at.

    A few groups run at once; their graphs are written beside them, one after the other, so that no run waits for Neo4j.
    """

    def __init__(self, stores: Stores, interview: Interview, news: Bulletin) -> None:
        self._stores = stores
        self._interview = interview
        self._news = news

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(RUNS_AT_ONCE):
                tasks.create_task(self._serve(self._run))
            tasks.create_task(self._serve(self._keep_the_graph))

    async def _serve(self, step: Callable[[], Awaitable[bool]]) -> None:
        """Take a step after the other; when there was nothing to do, wait for news."""
        with self._news.follow() as event:
            while True:
                event.clear()
                try:
                    if await step():
                        continue
                except (psycopg.OperationalError, Neo4jError, DriverError) as error:
                    log.warning("focus groups wait for a store: %s", reason(error))
                    await asyncio.sleep(AWAY_SECONDS)
                try:
                    async with asyncio.timeout(POLL_SECONDS):
                        await event.wait()
                except TimeoutError:
                    pass

    async def _run(self) -> bool:
        """Let one group run as far as it gets; False when none is due."""
        return await self._advance(RUNS, self._interviewed)

    async def _keep_the_graph(self) -> bool:
        """Take deleted groups out of the graph and write one that is finished; False when none is due."""
        await self._erase()
        return await self._advance(GRAPHS, self._written)

    async def _interviewed(self, work: Group) -> str:
        await self._interview.hold(work)
        return "state = 'finished', error = NULL, due_at = now()"

    async def _written(self, work: Group) -> str:
        await opinion_graph.write(self._stores.neo4j, work)
        # The first one after a start of Neo4j takes seconds: nobody is to wait for them.
        await analysis.analyse(self._stores, work)
        return "graph_at = now()"

    async def _claim(self, due: str) -> Group | None:
        async with self._stores.postgres.connection() as connection:
            row = await (await connection.execute(CLAIM.format(due), [LEASE_SECONDS])).fetchone()
            return await group.find(connection, row[0]) if row else None

    async def _advance(self, due: str, work_on: Callable[[Group], Awaitable[str]]) -> bool:
        """Work on a group that is due and note what came of it; whatever happens, it is due again or done."""
        work = await self._claim(due)
        if work is None:
            return False
        try:
            async with self._leased(work.id):
                outcome = await work_on(work)
            await self._update(work.id, outcome)
            async with self._stores.postgres.connection() as connection:
                await bulletin.call_for_work(connection)
        except asyncio.CancelledError:
            async with asyncio.timeout(AWAY_SECONDS):
                await self._wait(work.id, 0)
            raise
        except LlmError as error:
            await self._wait(work.id, min(error.retry_after, LONGEST_WAIT_SECONDS), f"{error} It goes on by itself.")
        except (psycopg.OperationalError, Neo4jError, DriverError) as error:
            log.warning("focus group %s waits: %s", work.id, reason(error))
            await self._wait(work.id, AWAY_SECONDS)
        except ForeignKeyViolation:
            log.info("focus group %s was deleted while it ran", work.id)
        except Exception:
            log.exception("focus group %s failed", work.id)
            await self._update(
                work.id, "state = 'failed', error = 'Something went wrong inside; the log of the API says what.'"
            )
        return True

    @asynccontextmanager
    async def _leased(self, group_id: UUID) -> AsyncIterator[None]:
        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                with suppress(psycopg.OperationalError):
                    await self._wait(group_id, LEASE_SECONDS)

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()

    async def _wait(self, group_id: UUID, seconds: float, why: str | None = None) -> None:
        await self._update(group_id, "due_at = now() + make_interval(secs => %s), error = %s", seconds, why)

    async def _update(self, group_id: UUID, change: str, *values: object) -> None:
        async with self._stores.postgres.connection() as connection:
            await connection.execute(f"UPDATE focus_group SET {change} WHERE id = %s", [*values, group_id])
            await bulletin.announce(connection, group_id)

    async def _erase(self) -> None:
        """Take deleted groups out of the graph; those that cannot be taken out now stay noted."""
        async with self._stores.postgres.connection() as connection:
            rows = await _noted(connection)
            if rows:
                await opinion_graph.erase(self._stores.neo4j, rows)
                await connection.execute("DELETE FROM graph_erasure WHERE focus_group_id = ANY(%s)", [rows])


async def _noted(connection: AsyncConnection) -> list[UUID]:
    cursor = await connection.execute("SELECT focus_group_id FROM graph_erasure LIMIT 100 FOR UPDATE SKIP LOCKED")
    return [row[0] for row in await cursor.fetchall()]
