"""What the server asks of every kind of resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from toolchain.providers.schema import ResourceType, Values


@dataclass(frozen=True)
class State:
    """A resource as it stands: the id, the outputs and the inputs that they correspond to."""

    identifier: str
    outputs: Values
    inputs: Values


class Resource(Protocol):
    """One kind of resource; every operation raises ProviderError or InitError."""

    @property
    def kind(self) -> ResourceType:
        """The type with its properties."""

    def plan(self, inputs: Values) -> Values:
        """Return the outputs that a preview may promise."""

    def create(self, inputs: Values) -> State:
        """Make the resource."""

    def read(self, state: State) -> State | None:
        """Return the resource as it is now; None when it is gone."""

    def update(self, state: State, news: Values, *, preview: bool) -> Values:
        """Change the resource in place and return its outputs."""

    def delete(self, state: State) -> None:
        """Remove the resource; one that is already gone is fine."""


class Cancelled(Event):
    """Set when the engine asks running operations to finish."""


def by_token(*resources: Resource) -> Mapping[str, Resource]:
    """The resources of a provider, each by its type's token."""
    return {resource.kind.token: resource for resource in resources}
