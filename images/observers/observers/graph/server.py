"""One Neo4j server: how it is asked, and for how long."""

import asyncio
import logging
import time

from neo4j import AsyncGraphDatabase, AsyncSession, Query
from neo4j.exceptions import AuthError, DriverError, Neo4jError

from observers.graph.questions import QUESTIONS, Answers
from observers.settings import Address

log = logging.getLogger(__name__)

ANSWER_SECONDS = 4.5
"""For all questions together; a scrape may take five."""
QUESTION_SECONDS = 3.0
"""After these Neo4j itself gives a question up."""
CONNECT_SECONDS = 2.0
LOCKOUT_SECONDS = 60.0
"""Neo4j refuses a user after wrong passwords for a while: the API, which is the same user, must not be locked out."""
NAME = "neo4j-exporter"
"""By which its own connections and transactions are told from those of others."""


class Server:
    """Asks all questions, one after the other, over one connection."""

    def __init__(self, address: Address, password: str) -> None:
        self._driver = AsyncGraphDatabase.driver(
            f"bolt://{address}",
            auth=(address.user, password),
            user_agent=NAME,
            max_connection_pool_size=1,
            connection_timeout=CONNECT_SECONDS,
            connection_acquisition_timeout=CONNECT_SECONDS,
            max_transaction_retry_time=0,
            liveness_check_timeout=0,
            telemetry_disabled=True,
            notifications_min_severity="OFF",
        )
        self._silent_until = 0.0
        self._trouble: dict[str, str] = {}

    async def close(self) -> None:
        """Leave the server."""
        await self._driver.close()

    async def answers(self) -> Answers:
        """What the questions were answered; those that were not are missing, all when the server is away."""
        if time.monotonic() < self._silent_until:
            return {}
        answers: Answers = {}
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._driver.session() as session:
                for name, question in QUESTIONS.items():
                    await self._put(session, name, question, answers)
        except (DriverError, Neo4jError, OSError, TimeoutError) as error:
            if isinstance(error, AuthError):
                self._silent_until = time.monotonic() + LOCKOUT_SECONDS
            self._note("server", error)
        else:
            self._note("server", None)
        return answers

    async def _put(self, session: AsyncSession, name: str, question: str, answers: Answers) -> None:
        start = time.perf_counter()
        query = Query(question, metadata={"by": NAME}, timeout=QUESTION_SECONDS)
        try:
            records = [record.data() async for record in await session.run(query, by=NAME)]
        except Neo4jError as error:
            if isinstance(error, AuthError) or not answers:
                raise
            self._note(name, error)
            return
        answers[name] = records
        answers.setdefault("seconds", [{"seconds": time.perf_counter() - start}])
        self._note(name, None)

    def _note(self, what: str, error: Exception | None) -> None:
        """Log what changes, not every failure."""
        text = f"{type(error).__name__}: {error}".splitlines()[0] if error else ""
        if text == self._trouble.get(what, ""):
            return
        log.warning("%s: %s", what, text or "answers again")
        self._trouble[what] = text
