"""How values travel to the engine and back: one function per way of writing a fact down."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from toolchain.providers.schema import EngineField, Values

MEGABYTE = 1024 * 1024
_NANOSECONDS = {"h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ms|us|ns|h|m|s)")
_CPU = 1_000_000_000


def look_up(inspection: Values, place: str) -> Any:
    """Return what an inspection says at a dotted place; None where it says nothing."""
    found: Any = inspection
    for step in place.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def at(place: str, empty: Any = None) -> EngineField:
    """A fact written the same way on both sides; empty is what an engine means that leaves it out."""

    def read(inspection: Values) -> Any:
        found = look_up(inspection, place)
        return empty if found is None else found

    return EngineField(send=lambda value: {place: value}, read=read)


def sent_to(place: str) -> EngineField:
    """A fact that the engine mixes with the image's, so that reading it back would tell nothing."""
    return EngineField(send=lambda value: {place: value})


def read_from(place: str, empty: Any = None) -> EngineField:
    """A fact that only the engine states."""
    return EngineField(read=at(place, empty).read)


def megabytes_at(place: str) -> EngineField:
    """An amount of megabytes that the engine counts in bytes; -1 stands for no limit on both sides."""
    return EngineField(
        send=lambda value: {place: value * MEGABYTE if value > 0 else value},
        read=lambda inspection: _megabytes(look_up(inspection, place) or 0),
    )


def _megabytes(size: int) -> int:
    return size // MEGABYTE if size > 0 else size


def cpus_at(place: str) -> EngineField:
    """A number of CPUs that the engine counts in billionths; reads None where there is no limit."""

    def read(inspection: Values) -> str | None:
        billionths = look_up(inspection, place)
        return f"{(Decimal(billionths) / _CPU).normalize():f}" if billionths else None

    return EngineField(send=lambda value: {place: int(Decimal(value) * _CPU)}, read=read)


def nanoseconds(duration: str) -> int:
    """Return the nanoseconds of a duration such as 1m30s; raise ValueError for anything else."""
    parts = _DURATION.findall(duration)
    if "".join(number + unit for number, unit in parts) != duration or not parts:
        if duration == "0":
            return 0
        raise ValueError(f"{duration!r} is no duration: write it like 500ms, 10s or 1m30s")
    return int(sum(Decimal(number) * _NANOSECONDS[unit] for number, unit in parts))


def duration_of(amount: int) -> str:
    """Return a number of nanoseconds the way Go prints it: 1m30s, 500ms, 0s."""
    if amount < _NANOSECONDS["s"]:
        unit = next((unit for unit in ("ms", "us") if amount >= _NANOSECONDS[unit]), "ns")
        return f"{_decimal(amount, unit)}{unit}" if amount else "0s"
    hours, rest = divmod(amount, _NANOSECONDS["h"])
    minutes, rest = divmod(rest, _NANOSECONDS["m"])
    clock = (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "")
    return f"{clock}{_decimal(rest, 's')}s"


def _decimal(amount: int, unit: str) -> str:
    return f"{(Decimal(amount) / _NANOSECONDS[unit]).normalize():f}" if amount else "0"
