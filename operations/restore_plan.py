"""Which backup each store is to be restored from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from operations.exit_codes import ExitCode, OperationError

STORES = ("postgres", "files", "redis", "neo4j")
"""In the order in which they are restored: what refers comes after what it refers to."""
NEWEST = "newest"


@dataclass(frozen=True)
class Source:
    """Where a store comes from: a `backup`, and for PostgreSQL perhaps a moment after it (`until`, ISO in UTC)."""

    store: str
    backup: str
    taken: str
    until: str = ""

    @property
    def told(self) -> str:
        """For people."""
        return f"as it was at {self.until}" if self.until else f"backup {self.backup}, of {self.taken}"


def sources(listed: Sequence[Mapping[str, Any]], at: str, services: Sequence[str]) -> list[Source]:
    """For each of these services the newest backup, the one of an ID, or the last one before a time.

    PostgreSQL is brought to the very second of a time that a base backup and the WAL after it reach. Raises
    OperationError when there is nothing to restore from.
    """
    wanted = [store for store in STORES if store in services]
    if any(one["backup"] == at for one in listed):
        return [_newest(listed, store, f"in backup {at}", lambda one: one["backup"] == at) for store in wanted]
    moment = None if at == NEWEST else _moment(at)
    found = []
    for store in wanted:
        if moment and store == "postgres" and _reached(listed, moment):
            found.append(Source(store, "", at, moment.isoformat()))
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


def _reached(listed: Sequence[Mapping[str, Any]], moment: datetime) -> bool:
    """Whether a base backup from before, and WAL from after the moment, are there."""
    bases = [_time(one["taken"]) for one in listed if one["store"] == "base"]
    logs = [_time(one["taken"]) for one in listed if one["store"] == "wal"]
    return bool(bases) and min(bases) <= moment and bool(logs) and max(logs) >= moment


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
