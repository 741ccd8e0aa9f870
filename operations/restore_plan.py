"""Which backup each store is to be restored from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from operations.exit_codes import ExitCode, OperationError

STORES = ("postgres", "files", "redis", "neo4j")
"""In the order in which they are restored: what refers comes after what it refers to."""
NEWEST, LATEST = "newest", "latest"
"""The newest backup of each store; and beyond that what PostgreSQL wrote until now."""


@dataclass(frozen=True)
class Source:
    """Where a store comes from: a `backup`, or a moment of PostgreSQL's WAL (`until`, ISO in UTC; empty: its end)."""

    store: str
    backup: str
    taken: str
    until: str = ""
    is_moment: bool = False

    @property
    def told(self) -> str:
        """For people."""
        return (
            f"as it was at {self.until or self.taken}" if self.is_moment else f"backup {self.backup}, of {self.taken}"
        )


def sources(listed: Sequence[Mapping[str, Any]], at: str, services: Sequence[str]) -> list[Source]:
    """For each of these services the newest backup, the one of an ID, or the last one before a time.

    PostgreSQL is brought to the very second of a time that a base backup and the WAL after it reach. Raises
    OperationError when there is nothing to restore from.
    """
    wanted = [store for store in STORES if store in services]
    if any(one["backup"] == at for one in listed):
        return [_newest(listed, store, f"in backup {at}", lambda one: one["backup"] == at) for store in wanted]
    moment = None if at in (NEWEST, LATEST) else _moment(at)
    found = []
    for store in wanted:
        if store == "postgres" and at != NEWEST and (log := _reached(listed, moment)):
            until = moment.isoformat() if moment else ""
            found.append(Source(store, "", log, until, is_moment=True))
        else:
            why = f"before {at}" if moment else "at all"
            found.append(_newest(listed, store, why, lambda one: moment is None or _time(one["taken"]) <= moment))
    return found


def _newest(listed: Sequence[Mapping[str, Any]], store: str, why: str, fits: Any) -> Source:
    those = [one for one in listed if one["store"] == store and fits(one)]
    if not those:
        raise OperationError(
            ExitCode.WRONG_USE,
            f"there is no backup of {store} {why}; nothing was changed. `research backup list` shows what there is",
        )
    last = max(those, key=lambda one: _time(one["taken"]))
    return Source(store, last["backup"], last["taken"])


def _reached(listed: Sequence[Mapping[str, Any]], moment: datetime | None) -> str:
    """Up to when there is WAL, if a base backup from before the moment, and WAL from after it, are there."""
    bases = [_time(one["taken"]) for one in listed if one["store"] == "base"]
    logs = [one["taken"] for one in listed if one["store"] == "wal"]
    if not bases or not logs:
        return ""
    newest = max(logs, key=_time)
    fits = moment is None or min(bases) <= moment <= _time(newest)
    return newest if fits else ""


def _moment(text: str) -> datetime:
    try:
        return _time(text)
    except ValueError:
        raise OperationError(
            ExitCode.WRONG_USE,
            f"--at {text}: neither a backup (`research backup list`) nor a time as 2026-11-30T10:15:00Z",
        ) from None


def _time(text: str) -> datetime:
    """A time in UTC, unless it says another zone."""
    read = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
