"""The built-in provider of passwords, strings and ids."""

from __future__ import annotations

from collections.abc import Mapping

from toolchain.providers.randomness import IDENTIFIER, PASSWORD, STRING, Randoms
from toolchain.providers.resource import Cancelled, Resource, by_token
from toolchain.providers.schema import Values
from toolchain.providers.server import Provider


def provider() -> Provider:
    """Return what stands in for the official provider of this version."""
    return Provider("4.21.1", frozenset(), _resources)


def _resources(_settings: Values, _cancelled: Cancelled) -> Mapping[str, Resource]:
    return by_token(Randoms(PASSWORD), Randoms(STRING), Randoms(IDENTIFIER))
