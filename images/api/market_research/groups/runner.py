"""Runs focus groups in the background: a queue in PostgreSQL that any process may serve and none has to.

A group that is being worked on is leased: when its process dies, another one goes on after the lease.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import psycopg
from neo4j.exceptions import DriverError, Neo4jError
from psycopg.errors import ForeignKeyViolation

from market_research.failures import MISTAKE
from market_research.groups import analysis, bulletin, group, opinion_graph
from market_research.groups.bulletin import Bulletin
from market_research.groups.group import Group
from market_research.groups.interview import Interview
from market_research.llm.model import LlmError
from market_research.stores import Stores
from market_research.telemetry.metrics import GROUP_SECONDS, GROUPS_FINISHED, GROUPS_RUNNING
from market_research.telemetry.tracing import continued, span
from market_research.watch import reason

RUNS_AT_ONCE = 3
LEASE_SECONDS = 30
RENEW_SECONDS = 10
POLL_SECONDS = 5
AWAY_SECONDS = 5
LONGEST_WAIT_SECONDS = 60
AFTER_A_MISTAKE_SECONDS = 60
# A server that hangs keeps its connections and answers nothing.
GRAPH_SECONDS = 30
StoreAway = (psycopg.OperationalError, Neo4jError, DriverError, TimeoutError)

RUNS = "state = 'running'"
GRAPHS = "state = 'finished' AND graph_at IS NULL"
CLAIM = """
UPDATE focus_group SET due_at = now() + make_interval(secs => %s) WHERE id = (
    SELECT id FROM focus_group WHERE due_at <= now() AND {} ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id, traceparent
"""
WAIT = "due_at = now() + make_interval(secs => %s), error = %s"
FAILED = f"state = 'failed', error = '{MISTAKE}'"

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
                except StoreAway as error:
                    log.info("focus groups wait for a store: %s", reason(error))
                except Exception:
                    log.exception("the queue of focus groups")
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await event.wait()

    async def _run(self) -> bool:
        """Let one group run as far as it gets; False when none is due."""
        return await self._advance(RUNS, self._interviewed, after_a_mistake=FAILED)

    async def _keep_the_graph(self) -> bool:
        """Write the graph of one finished group, and take deleted ones out; False when none is due."""
        later = f"due_at = now() + make_interval(secs => {AFTER_A_MISTAKE_SECONDS})"
        worked = await self._advance(GRAPHS, self._written, after_a_mistake=later)
        await self._erase()
        return worked

    async def _interviewed(self, work: Group) -> str:
        begun = time.monotonic()
        try:
            with GROUPS_RUNNING.track_inprogress(), span("focus group", {}, client=False):
                await self._interview.hold(work)
        except (LlmError, ForeignKeyViolation, *StoreAway):
            raise
        except Exception:
            GROUPS_FINISHED.labels("failed").inc()
            raise
        GROUPS_FINISHED.labels("finished").inc()
        GROUP_SECONDS.observe(time.monotonic() - begun)
        return "state = 'finished', error = NULL, due_at = now()"

    async def _written(self, work: Group) -> str:
        with span("graph of a focus group", {}, client=False):
            async with asyncio.timeout(GRAPH_SECONDS):
                await opinion_graph.write(self._stores.neo4j, work)
            # The first one after a start of Neo4j takes seconds: nobody is to wait for them.
            await analysis.analyse(self._stores, work)
        return "graph_at = now()"

    async def _advance(self, due: str, work_on: Callable[[Group], Awaitable[str]], *, after_a_mistake: str) -> bool:
        """Work on a group that is due and note what came of it; whatever happens, it is due again or done."""
        claimed = await self._claim(due)
        if claimed is None:
            return False
        group_id, traceparent = claimed
        try:
            async with self._leased(group_id, due):
                with continued(traceparent):
                    outcome = await self._worked(group_id, work_on)
            await self._note(group_id, due, outcome)
        except asyncio.CancelledError:
            with suppress(*StoreAway):
                async with asyncio.timeout(AWAY_SECONDS):
                    await self._note(group_id, due, WAIT, 0, None)
            raise
        except LlmError as error:
            seconds = min(error.retry_after, LONGEST_WAIT_SECONDS)
            await self._note(group_id, due, WAIT, seconds, f"{error} It goes on by itself.")
        except StoreAway as error:
            log.warning("focus group %s waits: %s", group_id, reason(error))
            await self._note(group_id, due, WAIT, AWAY_SECONDS, None)
        except ForeignKeyViolation:
            log.info("focus group %s was deleted while it ran", group_id)
        except Exception:
            log.exception("focus group %s", group_id)
            await self._note(group_id, due, after_a_mistake)
        return True

    async def _claim(self, due: str) -> tuple[UUID, str | None] | None:
        """A group that is due, with the trace that it belongs to."""
        async with self._stores.postgres.connection() as connection:
            row: tuple[UUID, str | None] | None = await (
                await connection.execute(CLAIM.format(due), [LEASE_SECONDS])
            ).fetchone()
            return row

    async def _worked(self, group_id: UUID, work_on: Callable[[Group], Awaitable[str]]) -> str:
        async with self._stores.postgres.connection() as connection:
            work = await group.find(connection, group_id)
        # Deleted since it was claimed: there is nothing to do, and nothing to change.
        return await work_on(work) if work else "error = NULL"

    @asynccontextmanager
    async def _leased(self, group_id: UUID, due: str) -> AsyncIterator[None]:
        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                with suppress(psycopg.OperationalError):
                    await self._note(group_id, due, WAIT, LEASE_SECONDS, None)

        task = asyncio.create_task(renew())
        try:
            yield
        finally:
            task.cancel()
            # Its last change must not come after what is noted next.
            await asyncio.wait([task], timeout=AWAY_SECONDS)

    async def _note(self, group_id: UUID, due: str, change: str, *values: object) -> None:
        """Change a group that is still as it was claimed: another process may have finished it meanwhile."""
        async with self._stores.postgres.connection() as connection:
            changed = await connection.execute(
                f"UPDATE focus_group SET {change} WHERE id = %s AND {due}", [*values, group_id]
            )
            if not changed.rowcount and due == GRAPHS:
                await _note_an_erasure(connection, group_id)
            await bulletin.announce(connection, group_id)
            await bulletin.call_for_work(connection)

    async def _erase(self) -> None:
        """Take deleted groups out of the graph; those that cannot be taken out now stay noted."""
        async with self._stores.postgres.connection() as connection:
            cursor = await connection.execute("SELECT focus_group_id FROM graph_erasure LIMIT 100")
            noted: list[UUID] = [row[0] for row in await cursor.fetchall()]
        if not noted:
            return
        with span("deleted focus groups", {}, client=False):
            async with asyncio.timeout(GRAPH_SECONDS):
                await opinion_graph.erase(self._stores.neo4j, noted)
            async with self._stores.postgres.connection() as connection:
                # A rebuild also erases groups that had not finished; one that has by now is to be written again.
                await connection.execute(
                    "UPDATE focus_group SET graph_at = NULL, due_at = now() WHERE id = ANY(%s) AND state = 'finished'",
                    [noted],
                )
                await connection.execute("DELETE FROM graph_erasure WHERE focus_group_id = ANY(%s)", [noted])


async def _note_an_erasure(connection: psycopg.AsyncConnection, group_id: UUID) -> None:
    """A group that was deleted while its graph was written is in the graph now: take it out again."""
    await connection.execute(
        "INSERT INTO graph_erasure SELECT %s WHERE NOT EXISTS (SELECT 1 FROM focus_group WHERE id = %s)"
        " ON CONFLICT DO NOTHING",
        [group_id, group_id],
    )
