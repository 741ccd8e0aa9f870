"""The API: FastAPI over the three stores."""

import json
from collections.abc import Sequence

import pulumi

from infra.container import Process
from infra.hot_reload import Source
from infra.job import Job
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.services.zipkin import Zipkin
from infra.stack import Stack
from infra.stores import Stores
from stacks.monitoring import Monitoring
from stacks.settings import LLM_API_KEY, LanguageModel, ServiceSettings

MEMORY_PER_WORKER_MB = 200
OTHERS_CONNECTIONS = 10
"""For the superuser, a migration, a backup, and whoever looks in."""
WATCHING_CONNECTIONS = 2
"""What a worker keeps beside its pool: one to probe with, one to hear news on."""
DRAIN_SECONDS = 3
"""How long /health refuses before the server stops: six times the edge's interval between checks (notes: none lost)."""
VERSIONS_AT_ONCE = 2
"""During a deploy the old one and the new one run side by side."""
RELOADING = {"HOT_RELOAD": "true", "WORKERS": "1", "DRAIN_SECONDS": "0"}
MIGRATED_BY = ("migrate.py", "schema.py", "graph.py", "migrations/**/*.py")
"""The source that the migration runs anew for, when it is in no image that would change with it."""


class Api(Service):
    """The product's logic and the files that people upload; its migrations run to their end before it starts."""

    port = 8000
    metrics_port = 9464
    user = "10001:10001"
    data_path = "/srv/files"
    grace_seconds = 30
    stops_for_seconds = 10
    minimum_memory_mb = 128
    job_runs_beside = True
    behind_edge = True
    source = Source(folder="market_research", path="/app/market_research", minimum_memory_mb=320)
    health_check = HealthCheck(command=("CMD", "python", "-m", "market_research.probe"), start_seconds=30)

    def __init__(self, stack: Stack, networks: Sequence[Network], *, stores: Stores, traces: Zipkin | None) -> None:
        super().__init__(stack, networks)
        postgres, redis, neo4j = stores.postgres, stores.redis, stores.neo4j
        workers = worker_count(self.limits, postgres.connections)
        processes = workers * self.limits.replicas
        environment = {
            "POSTGRES_URL": postgres.url(postgres.client.used),
            "REDIS_URL": redis.url(redis.client.used),
            "NEO4J_URL": neo4j.url(neo4j.client.used),
            "WORKERS": str(workers),
            "POSTGRES_POOL_SIZE": str(pool_size(postgres.connections, processes)),
            "FILES_FOLDER": str(self.data_path),
            "DRAIN_SECONDS": str(DRAIN_SECONDS),
        }
        secrets: dict[str, pulumi.Input[str]] = {
            postgres.credential_file: postgres.client.used.password,
            redis.credential_file: redis.client.used.password,
            neo4j.credential_file: neo4j.client.used.password,
        }
        migrating = postgres.migration.used
        migrated = {"POSTGRES_URL": postgres.url(migrating)}
        if self.name in stack.sources:
            environment |= RELOADING
            migrated |= {"SOURCE_DIGEST": self.source.digest(self.name, MIGRATED_BY)}
        migration = Job(
            self,
            "migration",
            Process(
                command=["python", "-m", "market_research.migrate"],
                environment={**environment, **migrated},
                secrets={**secrets, postgres.credential_file: migrating.password},
            ),
            after=[postgres, redis, neo4j],
        )
        environment |= _language_model(stack.settings.llm) | _telemetry(stack.settings.monitoring, traces)
        if key := stack.secret(LLM_API_KEY):
            secrets[LLM_API_KEY] = key
        self.run(Process(environment=environment, secrets=secrets), after=[migration])


def worker_count(limits: ServiceSettings, connections: int) -> int:
    """Workers of one replica: one for each core, as far as memory and PostgreSQL's connections go."""
    by_memory = limits.memory_mb // MEMORY_PER_WORKER_MB
    processes = (connections - OTHERS_CONNECTIONS) // (VERSIONS_AT_ONCE * (WATCHING_CONNECTIONS + 1))
    return max(1, min(limits.whole_cpus, by_memory, processes // limits.replicas))


def pool_size(connections: int, workers: int) -> int:
    """PostgreSQL connections in the pool of each of all `workers`, when two versions of the API share `connections`."""
    return (connections - OTHERS_CONNECTIONS) // (VERSIONS_AT_ONCE * workers) - WATCHING_CONNECTIONS


def _language_model(chosen: LanguageModel | None) -> dict[str, str]:
    if chosen is None:
        return {}
    embedder = {"EMBEDDING_MODEL": chosen.embedding_model} if chosen.embedding_model else {}
    private = {"LLM_PRIVATE": "true"} if chosen.private else {}
    return {"LLM_URL": chosen.url, "LLM_MODEL": chosen.model, **embedder, **private}


def _telemetry(chosen: Monitoring | None, traces: Zipkin | None) -> dict[str, str]:
    if chosen is None or traces is None:
        return {}
    prices = {model: price.model_dump() for model, price in sorted(chosen.prices.items())}
    costs = {"LLM_PRICES": json.dumps(prices)} if prices else {}
    return {"TRACES_URL": traces.spans, "TRACE_RATIO": f"{chosen.trace_ratio:g}", **costs}
