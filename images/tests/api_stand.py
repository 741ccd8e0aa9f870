"""The API's image among its stores, as the platform starts it, and what the tests ask of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import requests

from images.tests.engine import Engine, Running

PASSWORD = "correct-horse"
SECRETS = {f"{name}_password": PASSWORD for name in ("postgres", "redis", "neo4j")}
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
            "POSTGRES_URL": self.database("api_a"),
            "REDIS_URL": f"redis://app@{self.redis}:6379/0",
            "NEO4J_URL": f"bolt://neo4j@{self.neo4j}:7687",
        }

    def database(self, login: str) -> str:
        """Where a login finds the database."""
        return f"postgresql://{login}@{self.postgres}:5432/market_research"

    @property
    def migrating(self) -> dict[str, str]:
        """The environment of who changes the schema."""
        return {"POSTGRES_URL": self.database("migration_a")}

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
            self.engine.volume() as uploads,
            self.engine.run(
                self.image,
                command,
                user="10001:10001",
                tmpfs={"/tmp": "noexec,nosuid,nodev"},
                network=self.network,
                environment={**self.environment(), **extra},
                volumes={
                    files: {"bind": "/run/secrets", "mode": "ro"},
                    uploads: {"bind": "/srv/files", "mode": "rw"},
                },
                ports={"8000/tcp": ("127.0.0.1", None)},
            ) as running,
        ):
            yield running

    @contextmanager
    def api(self, secrets: Mapping[str, str] = SECRETS, **extra: str) -> Iterator[Api]:
        """The server, listening."""
        with self.run(secrets=secrets, extra=extra) as running:
            running.container.reload()
            published = running.container.ports["8000/tcp"]
            assert published
            api = Api(running, f"http://127.0.0.1:{published[0]['HostPort']}")
            running.wait_until(lambda: api.health() != {})
            yield api

    def migrate(self, *options: str, secrets: Mapping[str, str] = SECRETS) -> tuple[int, list[str]]:
        """Exit code and log lines of the migration job."""
        with self.run(["python", "-m", "market_research.migrate", *options], secrets, self.migrating) as job:
            code = job.exit_code(within=60)
            return code, job.logs().splitlines()
