"""neo4j's pause: stopped for its dump, and started again whatever happens, by the next process if need be."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from backup.clock import EndedError
from backup.dormant import DEAF_SECONDS, Dormants, Outcome
from backup.engine import EngineError, GoneError
from backup.work import put, read

HEALTHY_SECONDS = 180
RECOVERY_SECONDS = 60
"""A process that finds neo4j stopped has other things to do between its tries."""
AGAIN_SECONDS = 1
LAST_TRIES = 5
"""So many times it is started before a process ends that was told to."""
JOB = "neo4j-start"
"""The name under which its coming back is reported."""


class NotRunningError(Exception):
    """There is nothing to stop: what is going on with neo4j must be known first."""


@dataclass
class Pause:
    """One pause; `back` is what came of starting neo4j again."""

    dormants: Dormants
    back: Outcome | None = None

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Inside, neo4j is stopped. NotRunningError, GoneError or EngineError when nothing was done."""
        if not self.dormants.engine.inspect(self._container).running:
            raise NotRunningError(
                f"{self._container} is not running, so somebody else stopped it: it is not touched; `docker start` it"
            )
        began = self.dormants.clock.now()
        put(self.dormants.work.pause, {"began": began.isoformat()})
        try:
            self._stop()
            yield
        finally:
            self.back = self.end(began)

    def recover(self) -> Outcome | None:
        """End a pause that another process did not come to the end of; None when there is none.

        Who calls holds the lock of `Work.alone`, or is about to end.
        """
        mark = self.dormants.work.pause
        if "neo4j" not in self.dormants.jobs.containers:
            mark.unlink(missing_ok=True)
        if not mark.exists():
            return None
        written = read(mark).get("began")
        began = datetime.fromisoformat(written) if written else self.dormants.clock.now()
        self.dormants.end("neo4j-dump")
        return self.end(began, RECOVERY_SECONDS)

    def end(self, began: datetime, within: float = HEALTHY_SECONDS) -> Outcome:
        """Start neo4j until it is healthy, `within` seconds; later ones try again as long as the pause is marked."""
        error = self._begin() if self.dormants.clock.ended else self._return(within)
        if not error and not self.dormants.clock.ended:
            self.dormants.work.pause.unlink(missing_ok=True)
        ended = self.dormants.clock.now()
        seconds = (ended - began).total_seconds()
        outcome = Outcome(JOB, not error, began, ended, seconds, error)
        logging.info("neo4j %s, %.1f s after its stop", error or "is started again", seconds)
        return outcome

    def _stop(self) -> None:
        """Stop it for certain: a stop whose answer was lost goes on, and would come after the start."""
        clock, start = self.dormants.clock, self.dormants.clock.seconds()
        while True:
            try:
                return self.dormants.engine.stop(self._container, self.dormants.jobs.neo4j_grace_seconds)
            except GoneError:
                raise
            except EngineError:
                if clock.seconds() - start > DEAF_SECONDS:
                    raise
            clock.sleep(AGAIN_SECONDS)

    def _return(self, within: float) -> str:
        """What is wrong after patience; empty when it is back."""
        clock, start, error = self.dormants.clock, self.dormants.clock.seconds(), ""
        while clock.seconds() - start < within:
            error = self._try()
            if not error:
                return ""
            try:
                clock.sleep(AGAIN_SECONDS)
            except EndedError:
                return self._begin()
        return f"did not come back within {within:.0f} s: {error}; it is started again and again"

    def _try(self) -> str:
        """Start it, and say what keeps it from being healthy."""
        try:
            state = self.dormants.engine.inspect(self._container)
            if not state.running:
                self.dormants.engine.start(self._container)
        except GoneError:
            return self.dormants.jobs.gone("neo4j")
        except EngineError as error:
            return str(error)
        if state.well:
            return ""
        return f"it is {state.health}" if state.running else f"it ended with {state.exit_code}"

    def _begin(self) -> str:
        """Start it without waiting for what comes of it: this process is to end."""
        for _ in range(LAST_TRIES):
            try:
                self.dormants.engine.start(self._container)
            except EngineError as error:
                reason = str(error)
                self.dormants.clock.rest(1)
            else:
                return ""
        return f"could not be started: {reason}"

    @property
    def _container(self) -> str:
        return self.dormants.jobs.containers["neo4j"]
