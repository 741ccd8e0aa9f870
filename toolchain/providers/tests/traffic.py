"""What the official plugins answered, call by call: one line of JSON each in `traffic.jsonl.gz` (read it with zcat)."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_TRAFFIC = Path(__file__).with_name("traffic.jsonl.gz")


@dataclass(frozen=True)
class Call:
    """One recorded call of the engine and the official plugin's answer."""

    step: str
    method: str
    request: dict[str, Any]
    response: dict[str, Any] | None
    errors: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The logical name of the resource that the call is about."""
        return str(self.request["urn"]).rsplit("::", 1)[-1]

    def __str__(self) -> str:
        return f"{self.step}-{self.name}"


def recorded(method: str) -> list[Call]:
    """Return every recorded call of one method."""
    return [call for call in _calls() if call.method == method]


@cache
def _calls() -> list[Call]:
    lines = [json.loads(line) for line in gzip.decompress(_TRAFFIC.read_bytes()).splitlines()]
    return [Call(**{**line, "errors": tuple(line.get("errors", ()))}) for line in lines]
