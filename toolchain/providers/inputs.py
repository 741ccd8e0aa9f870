"""Check: what a program may write, with names and defaults filled in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime.proto.provider_pb2 import CheckRequest

from toolchain.providers.schema import (
    DEFAULTS,
    Kind,
    Property,
    ResourceType,
    Values,
    is_empty,
    is_unknown,
    without_bookkeeping,
)

_SUFFIX_LENGTH = 7
_PROPOSE, _ENFORCE, _DISABLE = 0, 1, 2


@dataclass(frozen=True)
class Naming:
    """What the engine says about the name of a resource that the program leaves unnamed."""

    logical_name: str
    seed: bytes
    proposed: str = ""
    mode: int = _PROPOSE

    @classmethod
    def of(cls, request: CheckRequest) -> Naming:
        """Read the engine's wishes from its request."""
        wishes = request.autonaming
        name = request.name or request.urn.rsplit("::", 1)[-1]
        return cls(name, request.randomSeed, wishes.proposed_name, int(wishes.mode))

    def name(self) -> str | None:
        """Return the automatic name: the same one for the same seed; None when the engine forbids automatic names."""
        if self.mode == _DISABLE:
            return None
        if self.proposed:
            return self.proposed
        seed = self.seed or secrets.token_bytes(32)
        return f"{self.logical_name}-{hashlib.sha256(seed).hexdigest()[:_SUFFIX_LENGTH]}"


@dataclass(frozen=True)
class Failure:
    """A property that is wrong, and why."""

    name: str
    reason: str


def check(kind: ResourceType, olds: Values, news: Values, naming: Naming) -> tuple[Values, list[Failure]]:
    """Return the inputs with defaults filled in, and what is wrong with them."""
    failures = list(_refusals(kind.token, kind.inputs, without_bookkeeping(news)))
    inputs = _filled(kind.inputs, news) if kind.lists_defaults else without_bookkeeping(news)
    if kind.auto_named and "name" not in inputs:
        name = olds["name"] if "name" in olds.get(DEFAULTS, []) else naming.name()
        if name is None:
            failures.append(Failure("name", "automatic names are disabled in the project's settings: set `name`"))
        else:
            inputs["name"] = name
            inputs[DEFAULTS] = sorted([*inputs[DEFAULTS], "name"])
    return inputs, failures


def _filled(properties: Mapping[str, Property], given: Values) -> Values:
    filled = {
        name: _filled_value(properties[name], value) if name in properties else value
        for name, value in given.items()
        if name != DEFAULTS and value is not None
    }
    added = [name for name, declared in properties.items() if declared.default and name not in filled]
    filled |= {name: properties[name].default for name in added}
    return {**filled, DEFAULTS: sorted(added)}


def _filled_value(declared: Property, value: Any) -> Any:
    if declared.kind is Kind.OBJECT and isinstance(value, dict):
        return _filled(declared.fields, value)
    if declared.fields and isinstance(value, list):
        return [_filled(declared.fields, element) if isinstance(element, dict) else element for element in value]
    return value


def _refusals(token: str, properties: Mapping[str, Property], given: Values, path: str = "") -> list[Failure]:
    failures = [
        Failure(path + name, f"{path}{name} is missing: {token} needs it")
        for name, declared in properties.items()
        if declared.required and given.get(name) is None
    ]
    for name, value in given.items():
        declared = properties.get(name)
        if value is None or name == DEFAULTS:
            continue
        if declared is None or (declared.refused and not is_empty(value)):
            failures.append(Failure(path + name, unsupported(f"{path}{name} of {token}")))
        else:
            failures += _wrong_choice(path + name, declared, value)
            failures += _refused_elements(token, declared, value, path + name)
    return failures


def _refused_elements(token: str, declared: Property, value: Any, path: str) -> list[Failure]:
    elements = value if isinstance(value, list) else [value]
    return [
        failure
        for element in elements
        if declared.fields and isinstance(element, dict)
        for failure in _refusals(token, declared.fields, element, f"{path}.")
    ]


def _wrong_choice(path: str, declared: Property, value: Any) -> list[Failure]:
    if not declared.choices or is_unknown(value) or value in declared.choices:
        return []
    return [Failure(path, f"{path} is {value!r}; allowed: {', '.join(declared.choices)}")]


def unsupported(what: str) -> str:
    """Say in one sentence that the built-in provider lacks something and what would have it."""
    return f"{what} is not supported by the built-in provider: it would require the official plugin"
