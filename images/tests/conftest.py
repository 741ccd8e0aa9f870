"""Fixtures of the image tests: the engine, and the image of a folder, built once per session."""

from collections.abc import Callable, Iterator

import docker
import pytest

from images.tests import engine as engine_module
from images.tests.engine import Engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The Docker engine, with `run`, `volume` and `fill`."""
    client = docker.from_env(timeout=120)
    yield Engine(client)
    client.close()


@pytest.fixture(scope="session")
def image() -> Callable[[str], str]:
    """`image("redis")` builds images/redis and returns its image ID."""
    return engine_module.build
