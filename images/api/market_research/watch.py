"""Watching one store: what it answered last, and never waiting longer for it than a health probe can."""

import asyncio
import logging
import time
from dataclasses import dataclass

from neo4j.exceptions import Neo4jError

from market_research.checks import LoginRefusedError, Question

PATIENCE_SECONDS = 0.8
# A question that hangs is dropped after this time, with its connection.
HANGING_SECONDS = 5.0
# Three refused logins lock Neo4j's user for five seconds, and with it whoever knows the right password.
REFUSED_PAUSE_SECONDS = 15.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sight:
    """A store as last seen; latency in milliseconds, None when it is down."""

    up: bool
    latency_ms: float | None = None
    answer: str | None = None


DOWN = Sight(up=False)


class Watch:
    """Asks one store, at most one question at a time."""

    def __init__(self, name: str, question: Question, *, required: bool) -> None:
        self.name = name
        self.required = required
        self._question = question
        self._task: asyncio.Task[Sight] | None = None
        self._not_before = 0.0
        self._last: bool | None = None

    async def look(self) -> Sight:
        """The store as it is now; a store that does not answer in time is down, and its question goes on."""
        if self._task is None:
            if time.monotonic() < self._not_before:
                return DOWN
            self._task = asyncio.create_task(self._ask())
        # wait() and not wait_for(): a cancelled query of a hanging server takes its own time to end.
        await asyncio.wait({self._task}, timeout=PATIENCE_SECONDS)
        if not self._task.done():
            self._note("no answer in time")
            return DOWN
        task, self._task = self._task, None
        try:
            sight = task.result()
        except Exception as error:
            if isinstance(error, LoginRefusedError):
                self._not_before = time.monotonic() + REFUSED_PAUSE_SECONDS
            self._note(reason(error))
            return DOWN
        self._note(None)
        return sight

    async def _ask(self) -> Sight:
        start = time.perf_counter()
        async with asyncio.timeout(HANGING_SECONDS):
            answer = await self._question()
        return Sight(up=True, latency_ms=round((time.perf_counter() - start) * 1000, 1), answer=answer)

    def _note(self, trouble: str | None) -> None:
        """Log a change of state once, not every probe."""
        up = trouble is None
        if up != self._last:
            self._last = up
            log.log(logging.INFO if up else logging.WARNING, "%s is %s", self.name, "up" if up else f"down: {trouble}")


def reason(error: BaseException) -> str:
    """An error in one line; of Neo4j's only the message, without the codes around it."""
    text = (error.message if isinstance(error, Neo4jError) else None) or str(error)
    return " ".join(text.split()) or type(error).__name__
