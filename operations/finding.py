"""What one check of `research doctor` says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from operations.patient import Patient

Level = Literal["OK", "WARN", "FAIL", "SKIP"]


@dataclass(frozen=True)
class Finding:
    """The fact that was found, in one line, and how to fix what is not OK; SKIP is what could not be looked at."""

    state: Level
    fact: str
    fix: str = ""


Check = Callable[[Patient], Iterator[Finding]]
