"""The reader of a preview: what `pulumi preview --json` is about to make or keep, held against the rules."""

from collections.abc import Iterable, Mapping
from typing import Any

from policy.resource import Resource, Stack, ruled
from policy.rules import violations


def refusals(steps: Iterable[Mapping[str, Any]], stack: Stack) -> list[str]:
    """What the stack would have that is not allowed, a sentence each; what goes is not looked at."""
    states = (step.get("newState") for step in steps)
    found = (_resource(state) for state in states if state)
    return list(dict.fromkeys(one for resource in found if resource for one in violations(resource, stack)))


def _resource(state: Mapping[str, Any]) -> Resource | None:
    kind = ruled(state["type"])
    if kind is None:
        return None
    retained = bool(state.get("retainOnDelete"))
    return Resource(kind, state["urn"].rpartition("::")[2], state.get("inputs") or {}, retained)
