"""Whether the clock is to be trusted with the history: one that is wrong for a night must not delete it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from backup.manifest import Head
from backup.retention import Retention, age

DOUBTFUL = timedelta(days=2)
"""So long without any backup, or so far in the future."""
LEAST_DAYS = 7
HALF = 0.5
HERE = "research backup check --force"


def doubt(retention: Retention, heads: Sequence[Head], now: datetime, way_out: str = HERE) -> str:
    """What speaks against forgetting by this clock, with the way out; empty when nothing does.

    It ends by itself: as soon as most of a store's days are of after the gap.
    """
    remedy = f"set the host's clock; if it is right, say so: `{way_out}`"
    future = _future(heads, now)
    if future:
        count = f"{len(future)} backups are" if len(future) > 1 else "1 backup is"
        newest = max(head.taken for head in future)
        return (
            f"nothing was forgotten: {count} of up to {newest}, and the clock says {now:%Y-%m-%d %H:%M}: "
            f"{remedy}, and they go"
        )
    before, losses = _before_gap(retention, heads, now), _losses(retention, heads, now)
    if before is None or not losses:
        return ""
    return (
        f"nothing was forgotten: the clock says {now:%Y-%m-%d %H:%M}, after {before:%Y-%m-%d} there was no backup "
        f"for days, and more than half of the history of {', '.join(losses)} would go: {remedy}"
    )


def without_future(heads: Sequence[Head], now: datetime) -> list[Head]:
    """What is left when this clock is right; a store's only ones stay."""
    future = {head.manifest for head in _future(heads, now)}
    return [head for head in heads if head.manifest not in future]


def _future(heads: Sequence[Head], now: datetime) -> list[Head]:
    """What is of after now, of stores that have others: there it would pass for the newest."""
    present = {head.store for head in heads if age(head, now) >= -DOUBTFUL}
    return [head for head in heads if age(head, now) < -DOUBTFUL and head.store in present]


def _before_gap(retention: Retention, heads: Sequence[Head], now: datetime) -> datetime | None:
    """The last backup before the newest stretch without a gap; None when that stretch is as long as all days stay."""
    moments = sorted((now - age(head, now) for head in heads), reverse=True)
    enough = now - timedelta(days=max(retention.days, LEAST_DAYS))
    for later, earlier in zip([now, *moments], moments, strict=False):
        if later <= enough:
            return None
        if later - earlier > DOUBTFUL:
            return earlier
    return None


def _losses(retention: Retention, heads: Sequence[Head], now: datetime) -> list[str]:
    """The stores of which more than half of the days would go."""
    before, after = _days(heads), _days(retention.kept(heads, now))
    return [store for store, days in before.items() if len(after[store]) < HALF * len(days)]


def _days(heads: Iterable[Head]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for head in heads:
        found.setdefault(head.store, set()).add(head.taken[:10])
    return found
