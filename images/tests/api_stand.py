"""The API's image among its stores, as the platform starts it, and what the tests ask of it."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import requests

from images.tests.engine import Engine, Running, fresh_name
from images.tests.postgres_store import ready

PASSWORD = "correct-horse"
SECRETS = {f"{name}_password": PASSWORD for name in ("postgres", "redis", "neo4j", "postgres_superuser")}
NOTHING: Mapping[str, str] = MappingProxyType({})
PROBE = ("python", "-m", "market_research.probe")
# A port that refuses at once; a name that nobody knows may keep a resolver busy for long.
NOWHERE = "localhost"


@dataclass(frozen=True)
class Api:
    """A running API container, published on a free local port."""

    running: Running
    url: str

    def get(self, path: str, seconds: float = 10) -> requests.Response:
        return requests.get(f"{self.url}{path}", timeout=seconds)

    def health(self) -> dict[str, Any]:
        """The body of /health with its code; empty while nobody listens."""
        try:
            response = self.get("/health")
        except requests.ConnectionError:
            return {}
        return {"code": response.status_code, **response.json()}

    def wait_for(self, **facts: object) -> float:
        """Seconds until /health said all of these."""
        return self.running.wait_until(lambda: facts.items() <= self.health().items(), within=40)


@dataclass(frozen=True)
class Stand:
    """A network with the stores on it; one that is not there has a name that leads nowhere."""

    engine: Engine
    image: str
    network: str
    postgres: str = NOWHERE
    redis: str = NOWHERE
    neo4j: str = NOWHERE

    def environment(self) -> dict[str, str]:
        return {
            "POSTGRES_URL": f"postgresql://app@{self.postgres}:5432/market_research",
            "REDIS_URL": f"redis://app@{self.redis}:6379/0",
            "NEO4J_URL": f"bolt://neo4j@{self.neo4j}:7687",
        }

    @contextmanager
    def run(
        self,
        command: list[str] | None = None,
        secrets: Mapping[str, str] = SECRETS,
        extra: Mapping[str, str] = NOTHING,
    ) -> Iterator[Running]:
        """Any command of the image, with the secret files and the environment of the platform."""
        with (
            self.engine.volume(secrets) as files,
            self.engine.run(
                self.image,
                command,
                user="10001:10001",
                network=self.network,
                environment={**self.environment(), **extra},
                volumes={files: {"bind": "/run/secrets", "mode": "ro"}},
                ports={"8000/tcp": ("127.0.0.1", None)},
            ) as running,
        ):
            yield running

    @contextmanager
    def api(self, **extra: str) -> Iterator[Api]:
        """The server, listening."""
        with self.run(extra=extra) as running:
            running.container.reload()
            published = running.container.ports["8000/tcp"]
            assert published
            api = Api(running, f"http://127.0.0.1:{published[0]['HostPort']}")
            running.wait_until(lambda: api.health() != {})
            yield api

    def migrate(self, *options: str, secrets: Mapping[str, str] = SECRETS) -> tuple[int, list[str]]:
        """Exit code and log lines of the migration job."""
        with self.run(["python", "-m", "market_research.migrate", *options], secrets) as job:
            code = job.exit_code(within=60)
            return code, job.logs().splitlines()


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
    """The stand with a fresh PostgreSQL."""
    with (
        stand.engine.volume() as data,
        ready(stand.engine, image, data, PASSWORD, network=stand.network) as store,
    ):
        yield replace(stand, postgres=name(store))


@contextmanager
def with_redis(stand: Stand, image: str) -> Iterator[Stand]:
    """The stand with a Redis that knows the API's user."""
    digest = hashlib.sha256(PASSWORD.encode()).hexdigest()
    with ExitStack() as stack:
        acl = stack.enter_context(
            stand.engine.volume({"users.acl": f"user default off\nuser app on #{digest} ~* &* +@all -@dangerous\n"})
        )
        store = stack.enter_context(
            stand.engine.run(
                image,
                ["redis-server", "--aclfile", "/run/secrets/users.acl", "--save", ""],
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
