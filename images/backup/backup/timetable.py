"""When which run is due; kept in /work, so that one missed while the host was off is made up for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from backup.work import Work, put, read

WAL_MINUTES = 15
SETTLE = timedelta(minutes=5)
"""Nothing begins sooner after a start: the services come up first. A clock that is set back by less is waited for."""
TRIES = 3
"""A run that was cut off is begun so often; one that failed is not begun again."""
SUNDAY = 6


def daily(now: datetime, at: time) -> datetime:
    """The last time until now that was `at` on any day."""
    today = datetime.combine(now.date(), at, now.tzinfo)
    return today if today <= now else today - timedelta(days=1)


def weekly(now: datetime, at: time) -> datetime:
    """The last time until now that was `at` on a Sunday."""
    last = daily(now, at)
    return last - timedelta(days=(last.weekday() - SUNDAY) % 7)


def monthly(now: datetime, at: time) -> datetime:
    """The last time until now that was `at` on the first of a month."""
    first = datetime.combine(now.date().replace(day=1), at, now.tzinfo)
    return first if first <= now else monthly(first.replace(hour=0, minute=0) - timedelta(minutes=1), at)


def quarterly(now: datetime, _at: time) -> datetime:
    """The last quarter of an hour."""
    return now.replace(minute=now.minute - now.minute % WAL_MINUTES, second=0, microsecond=0)


OCCURRENCES: Mapping[str, Callable[[datetime, time], datetime]] = {
    "daily": daily,
    "base": weekly,
    "wal": quarterly,
    "drill": monthly,
}
"""In the order in which they are done when several are due."""
AT_ONCE = ("base", "wal")
"""Due after the first start, too: they stop nothing, and without them no point in time can be recovered."""


def time_of_day(text: str) -> time:
    """HH:MM. ValueError for anything else."""
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise ValueError("allowed is HH:MM, UTC, such as 03:30")
    return time.fromisoformat(text)


@dataclass(frozen=True)
class Timetable:
    """/work/timetable.json; `at` is the time of day, `started` when the scheduler did. Only the scheduler writes it."""

    work: Work
    at: time
    started: datetime

    def due(self, kind: str, now: datetime) -> bool:
        """Whether this is to be begun now."""
        entry, occurrence = self._entry(kind, now), self._occurrence(kind, now)
        # A clock that was set back by more leaves a start, and runs, in the future: to wait for them may take years.
        if abs(now - self.started) < SETTLE:
            return False
        noted = datetime.fromisoformat(entry["occurrence"])
        if noted < occurrence or noted > now + SETTLE:
            return True
        return not entry["done"] and int(entry["tries"]) < TRIES

    def begun(self, kind: str, now: datetime) -> None:
        """Remember that it was begun: cut off, it is begun again, but not for ever."""
        entry, occurrence = self._entry(kind, now), self._occurrence(kind, now).isoformat()
        tries = int(entry["tries"]) if entry["occurrence"] == occurrence else 0
        self._put(kind, {"occurrence": occurrence, "tries": tries + 1, "done": False, "ok": False})

    def done(self, kind: str, *, ok: bool) -> None:
        """Remember that it came to its end, and how."""
        self._put(kind, {**read(self.work.timetable)[kind], "done": True, "ok": ok})

    def wanted(self, kind: str, now: datetime) -> None:
        """Remember that what was done is of no use any more: a base, then, is due as after a failure, once a day."""
        self._put(kind, {**self._entry(kind, now), "ok": False})

    def _occurrence(self, kind: str, now: datetime) -> datetime:
        # Without a base no point in time can be recovered: a week is too long to wait for the next try.
        failed = kind == "base" and not read(self.work.timetable).get(kind, {}).get("ok", True)
        return OCCURRENCES["daily" if failed else kind](now, self.at)

    def _entry(self, kind: str, now: datetime) -> dict[str, Any]:
        known = read(self.work.timetable).get(kind)
        if isinstance(known, dict):
            return known
        # What was to happen before there was anything to back up was not missed.
        first = {
            "occurrence": self._occurrence(kind, now).isoformat(),
            "tries": 0,
            "done": kind not in AT_ONCE,
            "ok": True,
        }
        self._put(kind, first)
        return first

    def _put(self, kind: str, entry: Mapping[str, Any]) -> None:
        put(self.work.timetable, {**read(self.work.timetable), kind: entry})
