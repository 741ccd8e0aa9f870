"""The vocabulary in which each resource type lists its properties, as data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

Values = dict[str, Any]

DEFAULTS = "__defaults"
_TIMEOUTS = "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0"
_TWENTY_MINUTES = 20 * 60 * 1_000_000_000
BOOKKEEPING = frozenset({DEFAULTS, "__meta", "__pulumi_raw_state_delta", "id"})


class Kind(Enum):
    """What a property holds; the value is what an empty one of this kind looks like."""

    STRING = ("string", "")
    INTEGER = ("integer", 0)
    BOOLEAN = ("boolean", False)
    STRINGS = ("strings", ())
    STRING_SET = ("set of strings", ())
    MAP = ("map", None)
    OBJECT = ("object", None)
    OBJECTS = ("objects", ())
    OBJECT_SET = ("set of objects", ())

    @property
    def is_set(self) -> bool:
        """Say whether the order of the elements means nothing."""
        return self in (Kind.STRING_SET, Kind.OBJECT_SET)

    @property
    def is_list(self) -> bool:
        """Say whether the value is a list."""
        return bool(self.value[1] == ())

    @property
    def is_collection(self) -> bool:
        """Say whether the value is a list or a map."""
        return self.is_list or self is Kind.MAP

    def empty(self) -> Any:
        """Return a fresh empty value; None for an object."""
        if self is Kind.MAP:
            return {}
        return [] if self.is_list else self.value[1]


@dataclass(frozen=True)
class EngineField:
    """How a property goes into the engine's create request and how it comes out of its inspection."""

    send: Callable[[Any], Mapping[str, Any]] | None = None
    read: Callable[[Values], Any] | None = None


@dataclass(frozen=True)
class Property:
    """One property of a resource type.

    computed: the engine fills it when the program does not; inherited: the image or the daemon does, silently;
    output: never an input; whole: a difference names the property, not the element; refused: not supported here.
    """

    kind: Kind
    default: Any = None
    required: bool = False
    replaces: bool = False
    computed: bool = False
    inherited: bool = False
    output: bool = False
    whole: bool = False
    refused: bool = False
    choices: tuple[str, ...] = ()
    fields: Mapping[str, Property] = field(default_factory=dict)
    engine: EngineField = EngineField()


@dataclass(frozen=True)
class ResourceType:
    """One resource type: its token, its properties and how its names and differences behave."""

    token: str
    properties: Mapping[str, Property]
    auto_named: bool = True
    lists_defaults: bool = True
    detailed: bool = True
    deletes_first: bool = False
    schema_version: str = ""
    timed: bool = False

    @property
    def meta(self) -> str:
        """The official plugin's note on the state's format: without it, it would migrate the state once more."""
        note: dict[str, Any] = {"schema_version": self.schema_version} if self.schema_version else {}
        if self.timed:
            note[_TIMEOUTS] = dict.fromkeys(("create", "delete", "update"), _TWENTY_MINUTES)
        return json.dumps(note, separators=(",", ":"), sort_keys=True) if note else ""

    @property
    def inputs(self) -> dict[str, Property]:
        """The properties that a program may set."""
        return {name: declared for name, declared in self.properties.items() if not declared.output}


def is_unknown(value: Any) -> bool:
    """Say whether the value is only known after an update."""
    return isinstance(value, str) and value == UNKNOWN


def is_empty(value: Any) -> bool:
    """Say whether the value is absent or the empty one of its kind: state keeps either for the same fact."""
    return value is None or value in ("", 0, [], {})


def without_bookkeeping(values: Values) -> Values:
    """Return the values without what the official plugins note for themselves."""
    return {name: value for name, value in values.items() if name not in BOOKKEEPING}
