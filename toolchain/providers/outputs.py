"""The shapes of state: what a resource's outputs look like when planned, created, refreshed and updated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

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


def reading(kind: ResourceType, inspection: Values) -> Values:
    """Return what an inspection by the engine says of every property that can be read from it."""
    return {
        name: declared.engine.read(inspection) for name, declared in kind.properties.items() if declared.engine.read
    }


def planned(kind: ResourceType, inputs: Values, *, unknown: Any = UNKNOWN) -> Values:
    """Return the outputs as far as the inputs tell them; unknown stands for what the engine will fill in."""
    outputs: Values = {}
    for name, declared in kind.properties.items():
        if inputs.get(name) is not None:
            outputs[name] = shaped(declared, inputs[name], fresh=True, unknown=unknown)
        elif declared.computed:
            outputs[name] = unknown
        else:
            outputs[name] = _left_out(declared)
    return outputs


def created(kind: ResourceType, inputs: Values, reading: Values) -> Values:
    """Return the outputs of a new resource: the plan, overlaid with what the engine says."""
    outputs = planned(kind, inputs, unknown=None)
    for name, declared in kind.properties.items():
        value = reading.get(name, outputs[name])
        if outputs[name] is None and declared.kind.is_collection and is_empty(value):
            value = declared.kind.empty() if declared.computed else None
        outputs[name] = value
    return outputs


def refreshed(kind: ResourceType, olds: Values, reading: Values) -> Values:
    """Return the outputs of a resource read back from the engine."""
    outputs: Values = {}
    for name, declared in kind.properties.items():
        value = reading.get(name, olds.get(name) if olds else declared.default)
        if value is None and declared.kind.is_collection:
            value = declared.kind.empty()
        outputs[name] = value if value is None else shaped(declared, value, fresh=False)
    return outputs


def updated(kind: ResourceType, olds: Values, news: Values) -> Values:
    """Return the outputs of a resource changed in place."""
    outputs: Values = {}
    for name, declared in kind.properties.items():
        value, old = news.get(name), olds.get(name)
        if value is None:
            kept = declared.computed or declared.inherited or is_empty(old)
            value = old if kept and declared.default is None else _left_out(declared)
        outputs[name] = value if value is None else shaped(declared, value, fresh=False)
    return outputs


def inputs_of(kind: ResourceType, old_inputs: Values, outputs: Values) -> Values:
    """Return the inputs that the state read back corresponds to, so that drift shows as a change."""
    return _inputs(kind.inputs, old_inputs, outputs)


def shaped(declared: Property, value: Any, *, fresh: bool, unknown: Any = None) -> Any:
    """Return a value with every inner field present; fresh: numbers and flags not given are null, not zero."""
    if is_unknown(value) or not declared.fields:
        return value
    if declared.kind is Kind.OBJECT:
        return _object(declared, value, fresh, unknown)
    return [element if is_unknown(element) else _object(declared, element, fresh, unknown) for element in value]


def _object(declared: Property, value: Values, fresh: bool, unknown: Any) -> Values:
    return {
        name: _absent_field(inner, fresh, unknown)
        if value.get(name) is None
        else shaped(inner, value[name], fresh=fresh, unknown=unknown)
        for name, inner in declared.fields.items()
    }


def _absent_field(declared: Property, fresh: bool, unknown: Any) -> Any:
    if declared.default is not None:
        return declared.default
    if fresh and declared.kind in (Kind.BOOLEAN, Kind.INTEGER):
        return unknown if declared.computed else None
    return declared.kind.empty()


def _left_out(declared: Property) -> Any:
    if declared.default is not None:
        return declared.default
    return [] if declared.fields and declared.kind.is_list else None


def _inputs(properties: Mapping[str, Property], old: Values, state: Values) -> Values:
    names = [name for name in properties if name in old or _is_drift(properties[name], state.get(name))]
    found = {
        name: _input(properties[name], old.get(name), state[name]) for name in names if state.get(name) is not None
    }
    kept = [name for name in old.get(DEFAULTS, []) if name in found and found[name] == old.get(name)]
    return {**found, DEFAULTS: kept} if kept else found


def _input(declared: Property, old: Any, value: Any) -> Any:
    if declared.kind is Kind.OBJECT:
        return _inputs(declared.fields, old or {}, value)
    if declared.fields:
        olds = [*(old or []), *({} for _ in value)]
        return [_inputs(declared.fields, before, element) for before, element in zip(olds, value, strict=False)]
    return value


def _is_drift(declared: Property, value: Any) -> bool:
    filled_in = declared.computed or declared.inherited
    return not filled_in and not is_empty(value) and value != declared.default


def without_nulls(values: Values) -> Values:
    """Return the values that are there, without the plugins' bookkeeping."""
    return {name: value for name, value in without_bookkeeping(values).items() if value is not None}
