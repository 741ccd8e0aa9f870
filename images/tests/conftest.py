"""Fixtures of the image tests: the engine, and the image of a folder, built once per session."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import docker
import pytest

from images.tests import engine as engine_module
from images.tests.api_stand import Stand
from images.tests.api_stores import REDIS_MEGABYTES, empty_stand, with_neo4j, with_postgres, with_redis
from images.tests.edge_stand import Stand as EdgeStand
from images.tests.edge_stand import stand as edge_stand
from images.tests.engine import Engine
from images.tests.engine_proxy import socket_group


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The Docker engine, with `run`, `volume` and `fill`."""
    client = docker.from_env(timeout=120)
    yield Engine(client)
    client.close()


@pytest.fixture(scope="session")
def full_stand(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    """All three stores, migrated; Redis small enough to be filled, and with a memory that survives a restart."""
    with ExitStack() as stack:
        empty = stack.enter_context(empty_stand(engine, image("api")))
        small = ("--maxmemory", f"{REDIS_MEGABYTES}mb", "--maxmemory-policy", "volatile-lru", "--appendonly", "yes")
        redis = stack.enter_context(with_redis(empty, image("redis"), *small))
        postgres = stack.enter_context(with_postgres(redis, image("postgres")))
        full = stack.enter_context(with_neo4j(postgres, image("neo4j")))
        code, log = full.migrate()
        assert code == 0, log
        yield full


@pytest.fixture(scope="session")
def behind_edge(engine: Engine, image: Callable[[str], str]) -> Iterator[EdgeStand]:
    """A network in which every edge finds one API and one frontend."""
    with (
        edge_stand(engine, image) as stand,
        stand.backend("api", "api"),
        stand.backend("frontend", "frontend"),
    ):
        yield stand


@pytest.fixture(scope="session")
def image() -> Callable[[str], str]:
    """`image("redis")` builds images/redis and returns its image ID."""
    return engine_module.build


@pytest.fixture(scope="session")
def proxy_image(image: Callable[[str], str]) -> str:
    """The image of the way to the engine's socket."""
    return image("engine")


@pytest.fixture(scope="session")
def group(engine: Engine, proxy_image: str) -> int:
    """Whose the engine's socket is."""
    return socket_group(engine, proxy_image)
