"""What is known of each job after a restart, too: for the metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backup.dormant import Outcome
from backup.work import Work, put, read

MEASURED = ("bytes", "repository_bytes", "backups")


@dataclass(frozen=True)
class Ledger:
    """What `Work.ledger` holds; whoever writes holds the lock of `Work.alone`."""

    work: Work

    def jobs(self) -> Mapping[str, Mapping[str, Any]]:
        """By job: ok, seconds, ended and succeeded (Unix time), and what it measured."""
        jobs = read(self.work.ledger).get("jobs", {})
        return jobs if isinstance(jobs, dict) else {}

    def note(self, outcome: Outcome) -> None:
        """Remember how a job ended; what only a good one measures stays from the last good one."""
        jobs = dict(self.jobs())
        before = jobs.get(outcome.job, {})
        ended = outcome.ended.timestamp()
        now: dict[str, Any] = {"ok": outcome.ok, "seconds": round(outcome.seconds, 3), "ended": ended}
        if outcome.ok:
            measured = {key: outcome.result[key] for key in MEASURED if key in outcome.result}
            now |= {"succeeded": ended, **measured}
        put(self.work.ledger, {"jobs": {**jobs, outcome.job: {**before, **now}}})
