"""A resource as the rules see it, and the stack that it is to be part of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What Pulumi writes in a preview for a text that only the update will tell."""
RULED = ("docker:", "docker-build:")
"""The providers whose resources the rules are about."""
KINDS = {
    "docker:index/container:Container": "Container",
    "docker:index/volume:Volume": "Volume",
    "docker:index/network:Network": "Network",
    "docker-build:index:Image": "Image",
}
"""What a stack may be made of, by Pulumi's types."""


@dataclass(frozen=True)
class Resource:
    """Its kind (`Container`), its name in the program, and its inputs as Pulumi writes them.

    What no stack may be made of has its type for a kind. `retained` says whether Pulumi leaves it in place when it
    goes; None where the reader is not told.
    """

    kind: str
    name: str
    inputs: Mapping[str, Any]
    retained: bool | None = None

    def part(self, key: str) -> Mapping[str, Any]:
        """An input that is an object; empty when it is missing or not known yet, so that no rule takes it for given."""
        value = self.inputs.get(key)
        return value if isinstance(value, Mapping) else {}

    def listed(self, key: str) -> Sequence[Any]:
        """An input that is a list; what is not known yet counts as one element of which nothing is known."""
        value = self.inputs.get(key)
        return value if isinstance(value, list) else [UNKNOWN] if value else []

    def parts(self, key: str) -> Sequence[Mapping[str, Any]]:
        """An input that is a list of objects."""
        return [one if isinstance(one, Mapping) else {} for one in self.listed(key)]


@dataclass(frozen=True)
class Stack:
    """The stack's name, and whether everybody can read its secrets: under the published passphrase, or an empty one."""

    name: str
    for_evaluation: bool


def ruled(type_token: str) -> str | None:
    """The kind of a resource of this type, itself where it has none; None when the rules leave it alone."""
    return KINDS.get(type_token, type_token) if type_token.startswith(RULED) else None
