"""Random passwords, strings and ids: born once, kept in state, replaced when any input changes."""

from __future__ import annotations

import base64
import secrets
import string
from dataclasses import dataclass
from typing import Any

from toolchain.providers import outputs
from toolchain.providers.bcrypt_hash import bcrypt_hash
from toolchain.providers.failures import ProviderError
from toolchain.providers.inputs import unsupported
from toolchain.providers.resource import State
from toolchain.providers.schema import Kind, Property, ResourceType, Values

_SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
_MAP = Property(Kind.MAP, replaces=True)
_TEXT = Property(Kind.STRING, replaces=True)
_MINIMUM = Property(Kind.INTEGER, default=0, replaces=True)
_FLAG = Property(Kind.BOOLEAN, default=True, replaces=True)
_SIZE = Property(Kind.INTEGER, required=True, replaces=True)
_RESULT = Property(Kind.STRING, output=True, computed=True)
# The deprecated twin of `numeric` stays out of programs, but state carries it.
_NUMBER = Property(Kind.BOOLEAN, refused=True, inherited=True, replaces=True)

_CHARACTERS = {
    "keepers": _MAP,
    "length": _SIZE,
    "lower": _FLAG,
    "minLower": _MINIMUM,
    "minNumeric": _MINIMUM,
    "minSpecial": _MINIMUM,
    "minUpper": _MINIMUM,
    "number": _NUMBER,
    "numeric": _FLAG,
    "overrideSpecial": _TEXT,
    "result": _RESULT,
    "special": _FLAG,
    "upper": _FLAG,
}


def _random(token: str, properties: dict[str, Property], schema_version: str = "") -> ResourceType:
    return ResourceType(
        token, properties, auto_named=False, lists_defaults=False, detailed=False, schema_version=schema_version
    )


STRING = _random("random:index/randomString:RandomString", _CHARACTERS, "2")
PASSWORD = _random("random:index/randomPassword:RandomPassword", {**_CHARACTERS, "bcryptHash": _RESULT}, "3")
IDENTIFIER = _random(
    "random:index/randomId:RandomId",
    {
        "b64Std": _RESULT,
        "b64Url": _RESULT,
        "byteLength": _SIZE,
        "dec": _RESULT,
        "hex": _RESULT,
        "keepers": _MAP,
        "prefix": _TEXT,
    },
)


@dataclass(frozen=True)
class Randoms:
    """One kind of random resource."""

    kind: ResourceType

    def plan(self, inputs: Values) -> Values:
        """Return the outputs that a preview may promise."""
        values = outputs.planned(self.kind, inputs)
        if "numeric" in values:
            values["number"] = values["numeric"]
        return outputs.without_nulls(values)

    def create(self, inputs: Values) -> State:
        """Draw the random value from the system's cryptographic source."""
        values = self.plan(inputs)
        if self.kind is IDENTIFIER:
            drawn = secrets.token_bytes(int(inputs["byteLength"]))
            return self._made(_encoded(drawn).rstrip("="), values | _writings(drawn, inputs.get("prefix", "")), inputs)
        result = _draw(values)
        if self.kind is STRING:
            return self._made(result, {**values, "result": result}, inputs)
        secret = {"result": result, "bcryptHash": bcrypt_hash(result)}
        return self._made("none", {**values, **secret}, inputs)

    def read(self, state: State) -> State | None:
        """Return the state as it is: there is nothing outside it."""
        if not state.outputs:
            raise ProviderError(unsupported(f"importing {self.kind.token}"))
        return State(state.identifier, outputs.without_nulls(state.outputs) | {"id": state.identifier}, state.inputs)

    def update(self, state: State, news: Values, *, preview: bool) -> Values:
        """Record the news: what matters replaces the resource."""
        del preview
        return outputs.without_nulls({**state.outputs, **news}) | {"id": state.identifier}

    def delete(self, state: State) -> None:
        """Forget the value."""
        del state

    def _made(self, identifier: str, values: Values, inputs: Values) -> State:
        return State(identifier, {**values, "id": identifier}, inputs)


def _encoded(drawn: bytes) -> str:
    return base64.urlsafe_b64encode(drawn).decode()


def _writings(drawn: bytes, prefix: str) -> Values:
    return {
        "b64Std": prefix + base64.b64encode(drawn).decode(),
        "b64Url": prefix + _encoded(drawn).rstrip("="),
        "dec": f"{prefix}{int.from_bytes(drawn)}",
        "hex": prefix + drawn.hex(),
    }


def _draw(wanted: Values) -> str:
    """Return a string with at least the wanted number of each class; raise ProviderError if none can exist."""
    alphabets: dict[str, Any] = {
        "Lower": string.ascii_lowercase,
        "Upper": string.ascii_uppercase,
        "Numeric": string.digits,
        "Special": wanted.get("overrideSpecial") or _SPECIAL,
    }
    allowed = "".join(letters for name, letters in alphabets.items() if wanted[name.lower()])
    least = {name: int(wanted[f"min{name}"]) for name in alphabets}
    length = int(wanted["length"])
    if sum(least.values()) > length or length < 1:
        raise ProviderError(
            f"length is {length}: it must be at least 1 and the sum of all min values ({sum(least.values())})"
        )
    if not allowed:
        raise ProviderError("lower, upper, numeric and special are all false: at least one must be true")
    drawn = [secrets.choice(alphabets[name]) for name, count in least.items() for _ in range(count)]
    drawn += [secrets.choice(allowed) for _ in range(length - len(drawn))]
    secrets.SystemRandom().shuffle(drawn)
    return "".join(drawn)
