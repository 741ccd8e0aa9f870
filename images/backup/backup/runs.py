"""One run: the stores one after the other, then check and copy; what failed holds nothing else up."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backup.clock import identifier
from backup.dormant import Dormants, Outcome
from backup.engine import EngineError, GoneError
from backup.ledger import Ledger
from backup.pause import JOB as RETURN
from backup.pause import NotRunningError, Pause
from backup.work import keep_newest, put

LONGEST_DUMP_SECONDS = 3600
"""A dump that takes longer is given up, because neo4j is away for as long."""


@dataclass
class Run:
    """A run under way; whoever lets it go on holds the lock of `Work.alone`."""

    dormants: Dormants
    began: datetime
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def id(self) -> str:
        return identifier(self.began)

    @property
    def ok(self) -> bool:
        return bool(self.outcomes) and all(outcome.ok for outcome in self.outcomes)

    def stores(self, stores: Sequence[str], *, check: bool) -> None:
        """Back up these stores, check the repository if that is wanted, and copy it off-site where that is done."""
        for store in stores:
            if store == "neo4j":
                self._neo4j()
            else:
                self.perform(f"backup-{store}")
        for name in ("backup-check",) * check + ("backup-copy",):
            if name in self.dormants.jobs.containers:
                self.perform(name)

    def wal(self, *, copy: bool) -> None:
        """Keep what PostgreSQL has logged, and copy it off-site if that is wanted, where that is done."""
        self.perform("backup-wal")
        if copy and "backup-copy" in self.dormants.jobs.containers:
            self.perform("backup-copy")

    def perform(self, name: str, request: Mapping[str, Any] | None = None, **options: Any) -> bool:
        """Let one container do its part, and say whether it did. Without a `request` it hears which backup it is of."""
        logging.info("%s ...", name)
        self._note(self.dormants.perform(name, {"backup": self.id} if request is None else request, **options))
        return self.outcomes[-1].ok

    def _neo4j(self) -> None:
        pause, dumped = Pause(self.dormants), False
        began, start = self.dormants.clock.now(), self.dormants.clock.seconds()
        try:
            with pause.stopped():
                dumped = self.perform("neo4j-dump", longest_seconds=LONGEST_DUMP_SECONDS)
        except (NotRunningError, EngineError, OSError) as error:
            reason = self.dormants.jobs.gone("neo4j") if isinstance(error, GoneError) else str(error)
            seconds = self.dormants.clock.seconds() - start
            self._note(Outcome("neo4j-dump", False, began, self.dormants.clock.now(), seconds, reason))
        if pause.back:
            self._note(pause.back)
        done = dumped and self.perform("neo4j-count") and self.perform("backup-neo4j")
        if not done and self.outcomes[-1].job != "neo4j":
            # The store's own job tells how its backup went, even when it never got so far.
            why = f"no dump: {next(one.error for one in reversed(self.outcomes) if one.error)}"
            self._note(Outcome("neo4j", False, began, self.dormants.clock.now(), 0, why))

    def _note(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        Ledger(self.dormants.work).note(outcome)
        told = f"done in {outcome.seconds:.1f} s" if outcome.ok else f"failed: {outcome.error}"
        logging.info("%s %s", outcome.job, told)

    def written(self) -> dict[str, Any]:
        """As it goes into a file, and to programs."""
        now = self.dormants.clock.now()
        away = [outcome.seconds for outcome in self.outcomes if outcome.job == RETURN]
        return {
            "backup": self.id,
            "began": self.began.isoformat(),
            "ended": now.isoformat(),
            "seconds": round((now - self.began).total_seconds(), 3),
            "ok": self.ok,
            **({"neo4j_stopped_seconds": round(away[-1], 3)} if away else {}),
            "jobs": [outcome.written() for outcome in self.outcomes],
        }


def run(dormants: Dormants, what: Callable[[Run], object], kind: str, *, kept: bool = True) -> Mapping[str, Any]:
    """Do what a run consists of, and keep its record in /work/runs, even of one that was told to end.

    What happens every few minutes is not `kept`. BusyError when another run is under way.
    """
    with dormants.work.alone(kind):
        run = Run(dormants, _free_moment(dormants))
        record: dict[str, Any] = {"kind": kind}
        try:
            what(run)
        except BaseException as error:
            record["error"] = str(error) or type(error).__name__
            raise
        finally:
            record = {**run.written(), **record, "ok": run.ok and "error" not in record}
            if kept:
                put(dormants.work.runs / f"{run.id}.json", record)
                keep_newest(dormants.work.runs)
        return record


def _free_moment(dormants: Dormants) -> datetime:
    """Now, or as soon as no other run has that second's id."""
    return next(
        moment for moment in _moments(dormants) if not (dormants.work.runs / f"{identifier(moment)}.json").exists()
    )


def _moments(dormants: Dormants) -> Iterator[datetime]:
    while True:
        yield dormants.clock.now()
        dormants.clock.sleep(1)
