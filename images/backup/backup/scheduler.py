"""What happens by the clock, one run at a time."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backup.dormant import Dormants
from backup.drills import drill
from backup.ledger import Ledger
from backup.pause import Pause
from backup.runs import Run, run
from backup.stopped import is_left, start_again
from backup.timetable import OCCURRENCES, Timetable
from backup.work import BusyError

TICK_SECONDS = 10
HINDERED_SECONDS = 60
HOUR_SECONDS = 3600


@dataclass(frozen=True)
class Scheduler:
    """One stack's scheduler."""

    dormants: Dormants
    timetable: Timetable

    def go_on(self) -> None:
        """Do what is due, until the process is told to end: then EndedError."""
        while True:
            self.dormants.clock.sleep(TICK_SECONDS if self._ticks() else HINDERED_SECONDS)

    def _ticks(self) -> bool:
        """Do what is due now, and say whether nothing hindered it."""
        try:
            self.tick()
        except BusyError as busy:
            logging.info("%s; what is due waits", busy)
        except OSError as error:
            logging.error("the scheduler cannot work in %s: %s", self.dormants.work.root, error)
        else:
            return True
        return False

    def tick(self) -> None:
        """Do what is due now."""
        self._start_neo4j_again()
        self._start_stopped_again()
        if self.dormants.work.imported.exists():
            return
        for kind in self.kinds:
            if self.timetable.due(kind, self.dormants.clock.now()):
                logging.info("%s is due", kind)
                record = self._perform(kind)
                self.timetable.done(kind, ok=bool(record["ok"]))
                if any(job.get("report", {}).get("base_wanted") for job in record["jobs"]):
                    self.timetable.wanted("base", self.dormants.clock.now())

    @property
    def kinds(self) -> Sequence[str]:
        """What this stack has containers for."""
        jobs = self.dormants.jobs
        there = {
            "daily": bool(jobs.stores),
            "base": "backup-base" in jobs.containers,
            "wal": "backup-wal" in jobs.containers,
            "drill": jobs.drills,
        }
        return [kind for kind in OCCURRENCES if there[kind]]

    def leave(self) -> None:
        """What must not be left behind: neo4j stopped, even by a run that somebody started by hand."""
        Pause(self.dormants).recover()

    def _perform(self, kind: str) -> Mapping[str, Any]:
        def begun() -> None:
            self.timetable.begun(kind, self.dormants.clock.now())

        if kind == "drill":
            return drill(self.dormants, begun)
        parts: Mapping[str, Callable[[Run], object]] = {
            "daily": lambda run: run.stores(self.dormants.jobs.stores, check=True),
            "base": lambda run: run.perform("backup-base"),
            "wal": lambda run: run.wal(copy=self._copy_due()),
        }

        def whole(run: Run) -> None:
            begun()
            parts[kind](run)

        return run(self.dormants, whole, kind, kept=kind != "wal")

    def _copy_due(self) -> bool:
        """Once an hour: what the log needs there grows with every copy, and goes only by its owner's hand."""
        copied = Ledger(self.dormants.work).jobs().get("copy", {}).get("ended", 0)
        return int(copied // HOUR_SECONDS) != int(self.dormants.clock.now().timestamp() // HOUR_SECONDS)

    def _start_stopped_again(self) -> None:
        """When a restore died that had services stopped: it holds the lock as long as it lives."""
        if is_left(self.dormants):
            with self.dormants.work.alone("start again what a restore stopped"):
                start_again(self.dormants)

    def _start_neo4j_again(self) -> None:
        """When a run did not manage to: again and again."""
        if not self.dormants.work.pause.exists():
            return
        with self.dormants.work.alone("start neo4j again"):
            if outcome := Pause(self.dormants).recover():
                Ledger(self.dormants.work).note(outcome)
