"""A Neo4j server under test: how it is started, when it is up, and questions to it over Bolt."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import neo4j

from images.tests.engine import Engine, Running

LIMITS: dict[str, Any] = {"mem_limit": "2g", "memswap_limit": "2g", "nano_cpus": 2_000_000_000}
TMPFS = {"/tmp": ""}
SETTINGS = {
    "NEO4J_server_memory_heap_initial__size": "600m",
    "NEO4J_server_memory_heap_max__size": "600m",
    "NEO4J_server_memory_pagecache_size": "128m",
}
STARTS_WITHIN = 180  # seconds; a quiet machine needs a tenth


@dataclass(frozen=True)
class Server:
    """One running server."""

    running: Running
    healthy_at_once: bool

    def driver(self, password: str, user: str = "neo4j") -> neo4j.Driver:
        """A client, not yet connected."""
        bindings = self.running.container.ports["7687/tcp"]
        assert bindings is not None
        return neo4j.GraphDatabase.driver(f"bolt://127.0.0.1:{bindings[0]['HostPort']}", auth=(user, password))

    def ask(self, query: str, password: str, database: str = "neo4j", user: str = "neo4j") -> list[dict[str, Any]]:
        """The rows of a query; neo4j.exceptions.AuthError when the password is wrong."""
        with self.driver(password, user) as driver:
            return [row.data() for row in driver.execute_query(query, database_=database).records]


@contextmanager
def started(
    engine: Engine, image: str, volumes: dict[str, str], environment: dict[str, str], **options: Any
) -> Iterator[Server]:
    """Run the image hardened, `volumes` as name -> path, until it is healthy."""
    mounts = {name: {"bind": path, "mode": "rw" if path == "/data" else "ro"} for name, path in volumes.items()}
    defaults = {"tmpfs": TMPFS, "volumes": mounts, "ports": {"7687/tcp": ("127.0.0.1", None)}, **LIMITS}
    with engine.run(image, environment={**SETTINGS, **environment}, **{**defaults, **options}) as running:
        healthy_at_once = running.attempt("healthy")[0] == 0
        running.wait_until(lambda: running.attempt("healthy")[0] == 0, within=STARTS_WITHIN)
        running.container.reload()
        yield Server(running, healthy_at_once)


def run_to_the_end(engine: Engine, image: str, command: list[str] | None = None, **options: Any) -> tuple[int, str]:
    """Exit code and logs of a container that ends by itself."""
    with engine.run(image, command, **{"tmpfs": TMPFS, **LIMITS, **options}) as running:
        return running.exit_code(within=120), running.logs()
