"""Why a resource changes, from the properties that differ; what they contain is told of plain numbers alone."""

from collections.abc import Mapping, Sequence
from typing import Any

WORDS: Mapping[str, str] = {
    "contextHash": "its folder",
    "keepers": "password_generation",
    "envs": "environment",
    "volumes": "volumes",
    "networksAdvanced": "networks",
}
NUMBERS = ("cpus", "memory")
TOLD_BY_ANOTHER = ("memorySwap", "uploads")
"""They always change together with what is told: memory, and secrets."""


def reasons(steps: Sequence[Mapping[str, Any]], *, new_files: str = "") -> tuple[str, ...]:
    """The properties that make the difference, in words; `new_files` is what another volume of files brings."""
    step = next((step for step in steps if step.get("diffReasons") or step.get("replaceReasons")), {})
    names = set(step.get("replaceReasons") or step.get("diffReasons") or ()) - set(TOLD_BY_ANOTHER)
    return tuple(sorted(_reason(name, step, new_files) for name in names))


def _reason(name: str, step: Mapping[str, Any], new_files: str) -> str:
    if name == "volumes" and new_files:
        return new_files
    before, after = (step.get(state, {}).get("inputs", {}).get(name) for state in ("oldState", "newState"))
    if name in NUMBERS:
        return f"{name} {before} -> {after}"
    if name == "envs" and isinstance(before, list) and isinstance(after, list):
        changed = {entry.partition("=")[0] for entry in {*before} ^ {*after}}
        return f"environment {', '.join(sorted(changed))}"
    return WORDS.get(name, name)
