"""What the receiver has left in /wal: whose log it is, from where on it is whole, and up to which moment."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from backup import results

SYSTEM, NOTE = "system_identifier", "received.json"
ASIDE = "aside-"
"""What the names of folders begin with in which the log of a server is that is not there any more."""
NOTES = (NOTE, f".{NOTE}.part")
NOT_LOG = (f"{ASIDE}*", *NOTES)
SEGMENT = re.compile(r"[0-9A-F]{24}")
SEGMENTS_OF_A_FILE = 256
"""Segments have 16 MiB, the log's numbered files 4 GiB."""


@dataclass(frozen=True)
class Received:
    """One folder's log."""

    system: str
    """The identifier of the server; empty when none was written down."""
    segments: list[str]
    """The newest, and those before it without a gap."""
    until: datetime | None
    """All that the server had written by then is there; None when nobody has noted it."""


def received(folder: Path) -> Received:
    """What there is."""
    system = folder / SYSTEM
    return Received(system.read_text().strip() if system.exists() else "", unbroken(complete(folder)), _noted(folder))


def note(folder: Path, moment: datetime) -> None:
    """Write down up to when the log is there. JobError when that cannot be written."""
    results.put(folder / NOTE, {"moment": moment.astimezone(UTC).isoformat(timespec="milliseconds")})


def _noted(folder: Path) -> datetime | None:
    try:
        moment = datetime.fromisoformat(json.loads((folder / NOTE).read_text())["moment"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return moment if moment.tzinfo else None


def complete(folder: Path) -> list[str]:
    """The segments of the log in a folder, in their order; one that is being written is there too, under its name."""
    names = (path.name.removesuffix(".partial") for path in folder.iterdir())
    return sorted({name for name in names if SEGMENT.fullmatch(name)})


def unbroken(segments: list[str]) -> list[str]:
    """The last of these segments and those before it, as far as one follows the other."""
    begin = 0
    for place in range(1, len(segments)):
        if not _follows(segments[place - 1], segments[place]):
            begin = place
    return segments[begin:]


def _follows(before: str, after: str) -> bool:
    step = _number(after) - _number(before)
    # Another timeline begins with the segment in which it left the one before.
    return step == 1 if before[:8] == after[:8] else step in (0, 1)


def _number(segment: str) -> int:
    return int(segment[8:16], 16) * SEGMENTS_OF_A_FILE + int(segment[16:], 16)
