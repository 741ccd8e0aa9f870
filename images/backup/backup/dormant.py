"""One dormant container: given its request, started, awaited to its end, its result read."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backup.clock import Clock, EndedError
from backup.engine import Engine, EngineError, GoneError
from backup.jobs_file import DRILLED, Jobs
from backup.work import Work, put, read

LOOK_SECONDS = 0.5
DEAF_SECONDS = 120
"""For so long the gate or the engine may be away (being replaced, restarted) while a job runs."""
LONGEST_SECONDS = 6 * 3600
STOP_SECONDS = 10
KILLED = 137
WITHOUT_RESULT = frozenset(("neo4j-dump", "neo4j-count", *(f"drill-{store}" for store in DRILLED)))
"""Jobs in the product's own images: they have no /work, and tell by their exit code how they did."""


@dataclass(frozen=True)
class Outcome:
    """What came of one job; `result` is what it wrote itself. Seconds are those that passed here."""

    job: str
    ok: bool
    began: datetime
    ended: datetime
    seconds: float
    error: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)

    def written(self) -> dict[str, Any]:
        """As it goes into files: what the job wrote, and what is known better here."""
        known = {"job": self.job, "ok": self.ok, "seconds": round(self.seconds, 3)}
        times = {"began": self.began.isoformat(), "ended": self.ended.isoformat()}
        own = {key: value for key, value in self.result.items() if key != "error"}
        return {**own, **known, **times, **({"error": self.error} if self.error else {})}


@dataclass(frozen=True)
class Dormants:
    """The stack's dormant containers, one of them at work at a time."""

    jobs: Jobs
    engine: Engine
    work: Work
    clock: Clock

    def perform(self, name: str, request: Mapping[str, Any], longest_seconds: float = LONGEST_SECONDS) -> Outcome:
        """Let a container do its work. What fails is in the outcome; EndedError when there is no time left for it."""
        job = name.removeprefix("backup-")
        began, start = self.clock.now(), self.clock.seconds()
        try:
            result, error = self._through(name, job, request, longest_seconds)
        except GoneError:
            result, error = {}, self.jobs.gone(name)
        except (EngineError, OSError) as reason:
            result, error = {}, f"{self.jobs.containers[name]}: {reason}"
        ended, seconds = self.clock.now(), self.clock.seconds() - start
        return Outcome(job, not error, began, ended, seconds, error, result)

    def end(self, name: str) -> None:
        """Stop a container that may be at work; whether it can be stopped is not certain."""
        with suppress(EngineError):
            self.engine.stop(self.jobs.containers[name], STOP_SECONDS)

    def _through(self, name: str, job: str, request: Mapping[str, Any], longest: float) -> tuple[dict[str, Any], str]:
        container = self.jobs.containers[name]
        self.work.result(job).unlink(missing_ok=True)
        put(self.work.request, request)
        began = self.clock.now().timestamp()
        try:
            if not self.engine.start(container):
                # Left at work by a scheduler that was killed: its end first, then this request.
                self._awaited(name, longest)
                self.work.result(job).unlink(missing_ok=True)
                self.engine.start(container)
            code = self._awaited(name, longest)
        except EndedError:
            self.end(name)
            raise
        if code is None:
            self.end(name)
            return {}, f"{container} was not done after {longest / 3600:g} h and was stopped: look at its log"
        return self._judged(container, job, code, began)

    def _judged(self, container: str, job: str, code: int, began: float) -> tuple[dict[str, Any], str]:
        result = read(self.work.result(job))
        if code == 0 and (result.get("ok") or job in WITHOUT_RESULT):
            return result, ""
        if code == 0 and not result:
            return {}, f"{container} ended well and left no {self.work.result(job)}: it must have the scheduler's /work"
        killed = "; killed, by its memory limit or by hand" if code == KILLED else ""
        if result.get("error") and code != KILLED:
            return result, " ".join(str(result["error"]).split())
        lines = " | ".join(self._lines(container, began))
        return result, f"{container} ended with {code}{killed}: {lines or 'it said nothing'}"

    def _lines(self, container: str, began: float) -> list[str]:
        try:
            return self.engine.last_lines(container, began)
        except EngineError as error:
            return [str(error)]

    def _awaited(self, name: str, longest: float) -> int | None:
        """The exit code, once it has ended; None when it has not within `longest` seconds."""
        start = heard = self.clock.seconds()
        while self.clock.seconds() - start < longest:
            try:
                state = self.engine.inspect(self.jobs.containers[name])
                heard = self.clock.seconds()
                if not state.running:
                    return state.exit_code
            except GoneError:
                raise
            except EngineError:
                if self.clock.seconds() - heard > DEAF_SECONDS:
                    raise
            self.clock.sleep(LOOK_SECONDS)
        return None
