"""The stores that the API's image is tested with, each on the network of a stand."""

import hashlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from images.tests import llm_stand_in
from images.tests.api_stand import PASSWORD, Stand
from images.tests.engine import Engine, Running, fresh_name
from images.tests.postgres_store import ready

NEO4J_SECONDS = 120
REDIS_MEGABYTES = 8
LLM_PORT = "9000"


def name(running: Running) -> str:
    """A container's name, under which others on its network find it."""
    return str(running.container.name)


@contextmanager
def empty_stand(engine: Engine, image: str) -> Iterator[Stand]:
    """A network without any store."""
    network = engine.client.networks.create(fresh_name())
    try:
        yield Stand(engine, image, str(network.name))
    finally:
        network.remove()


@contextmanager
def with_postgres(stand: Stand, image: str) -> Iterator[Stand]:
    """The stand with a fresh PostgreSQL that knows a login of the API and one of its migrations."""
    logins = {f"postgres_{login}_password": PASSWORD for login in ("api_a", "migration_a")}
    with stand.engine.volume() as data, stand.engine.volume({"postgres_password": PASSWORD, **logins}) as secrets:
        mounts = {secrets: {"bind": "/run/secrets", "mode": "ro"}}
        with ready(stand.engine, image, data, None, network=stand.network, volumes=mounts) as store:
            yield replace(stand, postgres=name(store))


@contextmanager
def with_redis(stand: Stand, image: str, *options: str) -> Iterator[Stand]:
    """The stand with a Redis that knows the API's user, started with these options."""
    digest = hashlib.sha256(PASSWORD.encode()).hexdigest()
    with ExitStack() as stack:
        acl = stack.enter_context(
            stand.engine.volume(
                {"users.acl": f"user default off\nuser app on #{digest} ~* &* +@all -@admin -@dangerous +info\n"}
            )
        )
        store = stack.enter_context(
            stand.engine.run(
                image,
                ["redis-server", "--aclfile", "/run/secrets/users.acl", "--save", "", *options],
                user="999:999",
                network=stand.network,
                volumes={acl: {"bind": "/run/secrets", "mode": "ro"}},
                tmpfs={"/tmp": ""},
            )
        )
        yield replace(stand, redis=name(store))


@contextmanager
def paused(engine: Engine, name: str) -> Iterator[None]:
    """A container that keeps its connections and answers nothing."""
    container = engine.client.containers.get(name)
    container.pause()
    try:
        yield
    finally:
        container.unpause()


@contextmanager
def stopped(engine: Engine, name: str) -> Iterator[None]:
    """A container that is not there."""
    container = engine.client.containers.get(name)
    container.stop()
    try:
        yield
    finally:
        container.start()


@contextmanager
def login_stand(engine: Engine, image: Callable[[str], str], *redis_options: str) -> Iterator[Stand]:
    """PostgreSQL and Redis, migrated; no Neo4j."""
    with ExitStack() as stack:
        empty = stack.enter_context(empty_stand(engine, image("api")))
        redis = stack.enter_context(with_redis(empty, image("redis"), *redis_options))
        both = stack.enter_context(with_postgres(redis, image("postgres")))
        # Neo4j's part fails at once, as the last one.
        both.migrate("--patience", "0")
        yield both


@contextmanager
def language_model(stand: Stand, seconds: float = 0) -> Iterator[tuple[Running, dict[str, str]]]:
    """The stand-in of an OpenAI-compatible endpoint, which takes this long for an answer, and how an API finds it."""
    program = ["python", "-c", inspect.getsource(llm_stand_in), LLM_PORT, str(seconds)]
    with stand.engine.run(stand.image, program, network=stand.network) as running:
        url = f"http://{name(running)}:{LLM_PORT}/v1"
        yield running, {"LLM_URL": url, "LLM_MODEL": "stand-in", "LLM_PRIVATE": "true"}


@contextmanager
def with_neo4j(stand: Stand, image: str) -> Iterator[Stand]:
    """The stand with a Neo4j as small as it can be."""
    with ExitStack() as stack:
        secret = stack.enter_context(stand.engine.volume({"neo4j_auth": f"neo4j/{PASSWORD}"}))
        store = stack.enter_context(
            stand.engine.run(
                image,
                user="7474:7474",
                network=stand.network,
                mem_limit="1400m",
                memswap_limit="1400m",
                environment={
                    "NEO4J_AUTH_PATH": "/run/secrets/neo4j_auth",
                    "NEO4J_server_memory_heap_max__size": "500m",
                    "NEO4J_server_memory_pagecache_size": "100m",
                },
                volumes={secret: {"bind": "/run/secrets", "mode": "ro"}},
                tmpfs={"/tmp": ""},
            )
        )
        store.wait_until(lambda: store.attempt("/usr/local/bin/healthy")[0] == 0, NEO4J_SECONDS)
        yield replace(stand, neo4j=name(store))


def cypher(stand: Stand, query: str) -> str:
    """The last line of what Neo4j answers."""
    neo4j = Running(stand.engine.client.containers.get(stand.neo4j))
    lines = neo4j.exec("cypher-shell", "-u", "neo4j", "-p", PASSWORD, "--format", "plain", query).splitlines()
    return lines[-1] if lines else ""
