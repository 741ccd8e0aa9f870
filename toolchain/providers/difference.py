"""Diff: which properties differ between the recorded state and the wanted inputs, and what that means."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

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

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


class Action(Enum):
    """What happens to a property."""

    ADD = "ADD"
    DELETE = "DELETE"
    UPDATE = "UPDATE"


Actions = dict[str, Action]


@dataclass(frozen=True)
class Difference:
    """The differences by path; replaces lists the property of each path that forces a replacement."""

    actions: Actions = field(default_factory=dict)
    replaces: list[str] = field(default_factory=list)
    stables: list[str] = field(default_factory=list)
    deletes_first: bool = False

    @property
    def changed(self) -> list[str]:
        """The properties that differ, each once."""
        return sorted({property_of(path) for path in self.actions})

    def forces(self, path: str) -> bool:
        """Say whether the difference at this path forces a replacement."""
        return property_of(path) in self.replaces


def property_of(path: str) -> str:
    """Return the top-level property that a path lies in."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def difference(kind: ResourceType, olds: Values, news: Values) -> Difference:
    """Compare recorded state with wanted inputs."""
    wanted = without_bookkeeping(news)
    actions: Actions = {}
    for name, declared in sorted(kind.properties.items()):
        actions |= _property(name, declared, olds.get(name), wanted.get(name))
    forcing = {name for name, declared in kind.properties.items() if declared.replaces and not declared.output}
    replaces = [name for name in map(property_of, sorted(actions)) if name in forcing]
    return Difference(
        actions,
        replaces,
        sorted(forcing - {property_of(path) for path in actions}),
        bool(replaces) and (kind.deletes_first or _keeps_its_name(kind, olds, news)),
    )


def _keeps_its_name(kind: ResourceType, olds: Values, news: Values) -> bool:
    chosen = kind.auto_named and "name" not in news.get(DEFAULTS, [])
    return chosen and olds.get("name") == news.get("name")


def _property(path: str, declared: Property, old: Any, new: Any) -> Actions:
    if new is None and (declared.computed or declared.output):
        # A half-made resource has no value yet for what the engine fills in.
        return {path: Action.ADD} if old is None and declared.computed and declared.kind.is_collection else {}
    if new is None and declared.inherited:
        return {}
    return _compare(path, declared, old, declared.default if new is None else new)


def _compare(path: str, declared: Property, old: Any, new: Any) -> Actions:
    if is_unknown(new):
        return {path: Action.UPDATE}
    if old == new or (is_empty(old) and is_empty(new)):
        return {}
    absent = is_empty if declared.kind.is_collection or declared.kind is Kind.OBJECT else _is_none
    if absent(old) or absent(new):
        return {path: Action.ADD if absent(old) else Action.DELETE}
    return _inside(path, declared, old, new)


def _inside(path: str, declared: Property, old: Any, new: Any) -> Actions:
    if declared.kind is Kind.OBJECT:
        return _fields(path, declared, old, new)
    if declared.kind is Kind.MAP:
        return _entries(path, old, new)
    if declared.kind.is_set:
        return _set(path, declared, old, new)
    if declared.kind.is_list:
        return _elements(path, declared, dict(enumerate(old)), dict(enumerate(new)))
    return {path: Action.UPDATE}


def _is_none(value: Any) -> bool:
    return value is None


def _fields(path: str, declared: Property, old: Values, new: Values) -> Actions:
    actions: Actions = {}
    for name, inner in sorted(declared.fields.items()):
        actions |= _property(f"{path}.{name}", inner, old.get(name), new.get(name))
    return actions


def _entries(path: str, old: Values, new: Values) -> Actions:
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    steps = {key: f".{key}" if _IDENTIFIER.fullmatch(key) else f'["{key}"]' for key in sorted(changed)}
    return {path + step: _action(key in old, key in new) for key, step in steps.items()}


def _set(path: str, declared: Property, old: list[Any], new: list[Any]) -> Actions:
    before = [_comparable(declared, element) for element in old]
    after = [_comparable(declared, element) for element in new]
    gone = {index: old[index] for index, element in enumerate(before) if element not in after}
    come = {index: new[index] for index, element in enumerate(after) if element not in before}
    if declared.whole:
        return {path: Action.UPDATE} if gone or come else {}
    return _elements(path, declared, gone, come)


def _elements(path: str, declared: Property, old: dict[int, Any], new: dict[int, Any]) -> Actions:
    actions: Actions = {}
    for index in sorted(old.keys() | new.keys()):
        step = f"{path}[{index}]"
        if index not in old or index not in new:
            actions[step] = _action(index in old, index in new)
        elif declared.fields and not is_unknown(new[index]):
            actions |= _fields(step, declared, old[index], new[index])
        elif old[index] != new[index]:
            actions[step] = Action.UPDATE
    return actions


def _action(was: bool, will_be: bool) -> Action:
    if was and will_be:
        return Action.UPDATE
    return Action.ADD if will_be else Action.DELETE


def _comparable(declared: Property, element: Any) -> Any:
    """Return the element so that equal facts are equal values: without empties, inner sets sorted."""
    if not isinstance(element, dict):
        return element
    wanted = {
        name: inner.default if element.get(name) is None else element.get(name)
        for name, inner in declared.fields.items()
    }
    return {
        name: sorted(value) if declared.fields[name].kind is Kind.STRING_SET and isinstance(value, list) else value
        for name, value in wanted.items()
        if not is_empty(value)
    }
