"""The built-in providers, by name: the official version that each stands in for, and its resource types."""

from __future__ import annotations

from collections.abc import Mapping

from toolchain.providers.container import Containers
from toolchain.providers.engine import Engine
from toolchain.providers.network import Networks
from toolchain.providers.randomness import IDENTIFIER, PASSWORD, STRING, Randoms
from toolchain.providers.resource import Cancelled, Resource
from toolchain.providers.schema import Values
from toolchain.providers.server import Provider
from toolchain.providers.volume import Volumes


def _by_token(*resources: Resource) -> Mapping[str, Resource]:
    return {resource.kind.token: resource for resource in resources}


def _docker_resources(settings: Values, cancelled: Cancelled) -> Mapping[str, Resource]:
    engine = Engine(settings.get("host", ""))
    return _by_token(Containers(engine, cancelled), Networks(engine), Volumes(engine))


def _random_resources(_settings: Values, _cancelled: Cancelled) -> Mapping[str, Resource]:
    return _by_token(Randoms(PASSWORD), Randoms(STRING), Randoms(IDENTIFIER))


def docker_provider() -> Provider:
    """Return the provider of containers, networks and volumes."""
    return Provider("5.1.0", frozenset({"host"}), _docker_resources)


def random_provider() -> Provider:
    """Return the provider of passwords, strings and ids."""
    return Provider("4.21.1", frozenset(), _random_resources)


PROVIDERS = {"docker": docker_provider, "random": random_provider}
