"""The built-in provider of containers, networks and volumes."""

from __future__ import annotations

from collections.abc import Mapping

from toolchain.providers.container import Containers
from toolchain.providers.engine import Engine
from toolchain.providers.network import Networks
from toolchain.providers.resource import Cancelled, Resource, by_token
from toolchain.providers.schema import Values
from toolchain.providers.server import Provider
from toolchain.providers.volume import Volumes


def provider() -> Provider:
    """Return what stands in for the official provider of this version."""
    return Provider("5.1.0", frozenset({"host"}), _resources)


def _resources(settings: Values, cancelled: Cancelled) -> Mapping[str, Resource]:
    engine = Engine(settings.get("host", ""))
    return by_token(Containers(engine, cancelled), Networks(engine), Volumes(engine))
