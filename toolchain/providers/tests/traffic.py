"""What the official plugins answered, call by call."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TRAFFIC = Path(__file__).with_name("traffic.jsonl")


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
    lines = map(json.loads, _TRAFFIC.read_text().splitlines())
    return [Call(**{**line, "errors": tuple(line.get("errors", ()))}) for line in lines if line["method"] == method]
