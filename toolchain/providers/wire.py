"""Between Python values and the messages of the plugin protocol."""

from __future__ import annotations

from typing import Any

from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.struct_pb2 import Struct, Value
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]
from grpc import StatusCode
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.rpc import _special_secret_sig, _special_sig_key

from toolchain.providers.difference import Action, Difference
from toolchain.providers.failures import InitError
from toolchain.providers.schema import ResourceType, Values, is_unknown

_SECRET_OUTPUTS = frozenset({"result", "bcryptHash"})
_STATUS_DETAILS = "grpc-status-details-bin"


def values_of(message: Struct) -> Values:
    """Return a message's values; whole numbers become int."""
    return {name: _value(value) for name, value in message.fields.items()}


def _value(value: Value) -> Any:
    match value.WhichOneof("kind"):
        case "struct_value":
            return values_of(value.struct_value)
        case "list_value":
            return [_value(element) for element in value.list_value.values]
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
    return None


def message_of(values: Values) -> Struct:
    """Return the values as a message."""
    message = Struct()
    message.update(values)
    return message


def outputs_message(kind: ResourceType, outputs: Values) -> Struct:
    """Return the outputs as a message: generated secrets marked as such, the state's format noted."""
    hidden = _SECRET_OUTPUTS if "bcryptHash" in kind.properties else frozenset()
    sealed = {
        name: secret(value) if name in hidden and not is_unknown(value) else value for name, value in outputs.items()
    }
    return message_of(sealed | ({"__meta": kind.meta} if kind.meta else {}))


def secret(value: Any) -> Values:
    """Return the value marked as a secret."""
    return {_special_sig_key: _special_secret_sig, "value": value}


def difference_message(kind: ResourceType, found: Difference) -> provider_pb2.DiffResponse:
    """Return a difference as the engine reads it."""
    response = provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if found.actions else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=found.replaces,
        diffs=found.changed,
    )
    if not kind.detailed:
        return response
    response.hasDetailedDiff = True
    response.deleteBeforeReplace = found.deletes_first
    response.stables.extend(found.stables)
    for path, action in found.actions.items():
        response.detailedDiff[path].kind = _kind(path, action, found)
    return response


def _kind(path: str, action: Action, found: Difference) -> provider_pb2.PropertyDiff.Kind.ValueType:
    return provider_pb2.PropertyDiff.Kind.Value(action.value + ("_REPLACE" if found.forces(path) else ""))


def incomplete_details(kind: ResourceType, failure: InitError) -> tuple[tuple[str, bytes]]:
    """Return the trailing metadata that makes the engine keep a resource that failed after it was made."""
    detail = Packed()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(
            id=failure.identifier,
            properties=outputs_message(kind, failure.outputs),
            inputs=message_of(failure.inputs),
            reasons=[failure.reason],
        )
    )
    status = Status(code=StatusCode.UNKNOWN.value[0], message=failure.reason, details=[detail])
    return ((_STATUS_DETAILS, status.SerializeToString()),)
