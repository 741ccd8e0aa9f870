"""The API: FastAPI over the three stores."""

from collections.abc import Sequence

from infra.container import Process
from infra.job import Job
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.services.neo4j import Neo4j
from infra.services.postgres import Postgres
from infra.services.redis import Redis
from infra.stack import Stack

MEMORY_PER_WORKER_MB = 200


class Api(Service):
    """The product's logic; its migrations run to their end before it starts."""

    port = 8000
    user = "10001:10001"
    grace_seconds = 30
    minimum_memory_mb = 128
    job_runs_beside = True
    health_check = HealthCheck(command=("CMD", "python", "-m", "market_research.probe"), start_seconds=30)

    def __init__(
        self, stack: Stack, networks: Sequence[Network], *, postgres: Postgres, redis: Redis, neo4j: Neo4j
    ) -> None:
        super().__init__(stack, networks)
        environment = {
            "POSTGRES_URL": postgres.url,
            "REDIS_URL": redis.url,
            "NEO4J_URL": neo4j.url,
            "WORKERS": str(max(1, min(self.limits.whole_cpus, self.limits.memory_mb // MEMORY_PER_WORKER_MB))),
        }
        secrets = {
            postgres.credential_file: postgres.app_password,
            redis.credential_file: redis.app_password,
            neo4j.credential_file: neo4j.admin_password,
        }
        stores = [postgres, redis, neo4j]
        migration = Job(
            self,
            "migration",
            Process(
                command=["python", "-m", "market_research.migrate"],
                environment=environment,
                secrets={**secrets, "postgres_superuser_password": postgres.superuser_password},
            ),
            after=stores,
        )
        self.run(Process(environment=environment, secrets=secrets), after=[migration])
