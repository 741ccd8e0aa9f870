"""Which backups stay: all of two days, then the last of each day, then the last of each month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backup.manifest import Head
from backup.repository import Snapshot

ALL_DAYS = 2
MONTH_DAYS = 31


@dataclass(frozen=True)
class Retention:
    """How long backups stay."""

    days: int
    months: int

    def kept(self, heads: Iterable[Head], now: datetime) -> list[Head]:
        """The backups that stay; a store's newest one always does."""
        by_store: dict[str, list[Head]] = {}
        for head in sorted(heads, key=lambda head: head.taken):
            by_store.setdefault(head.store, []).append(head)
        rules = {"base": self._bases, "wal": self._wal}
        return [head for store, found in by_store.items() for head in rules.get(store, self._dumps)(found, now)]

    def _dumps(self, heads: list[Head], now: datetime) -> list[Head]:
        days = {head.taken[:10]: head for head in heads if age(head, now) <= timedelta(days=self.days)}
        months = {head.taken[:7]: head for head in heads if age(head, now) <= timedelta(days=MONTH_DAYS * self.months)}
        chosen = {head.manifest for head in (*days.values(), *months.values(), heads[-1])}
        return [head for head in heads if head.manifest in chosen or age(head, now) <= timedelta(days=ALL_DAYS)]

    def _bases(self, heads: list[Head], now: datetime) -> list[Head]:
        """Those of the days that are kept, and the one before them, from which the first of these days is reached."""
        old = [head for head in heads if age(head, now) > timedelta(days=self.days)]
        return old[-1:] + heads[len(old) :]

    def _wal(self, heads: list[Head], now: datetime) -> list[Head]:
        """Each holds all since a base: the last that begins with a segment, and each day's last."""
        recent = [head for head in heads if age(head, now) <= timedelta(days=self.days)]
        days = {head.taken[:10]: head for head in recent}
        beginnings = {(head.system, head.first): head for head in recent}
        chosen = {head.manifest for head in (*days.values(), *beginnings.values(), heads[-1])}
        return [head for head in heads if head.manifest in chosen or age(head, now) <= timedelta(days=ALL_DAYS)]


def superfluous(snapshots: Iterable[Snapshot], kept: Iterable[Head]) -> set[str]:
    """The snapshots that belong to nothing that stays: old ones, and what failed jobs left."""
    stay = {one for head in kept for one in (head.data, head.manifest)}
    return {snapshot.id for snapshot in snapshots} - stay


def age(head: Head, now: datetime) -> timedelta:
    """How long ago it was; below zero for what is of after now."""
    return now - datetime.fromisoformat(head.taken).astimezone(UTC)
