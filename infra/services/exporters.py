"""Exporters: what turns the facts of the host, the stores and the public address into metrics."""

from collections.abc import Mapping, Sequence

import pulumi

from infra.container import Process
from infra.mounted_files import SecretFiles
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.services.engine import Engine
from infra.services.neo4j import Neo4j
from infra.services.postgres import DATABASE, Postgres
from infra.services.redis import Redis
from infra.stack import Stack


def answers(port: int, path: str = "/metrics", start_seconds: int = 30) -> HealthCheck:
    """Whether an HTTP server in the container answers; seldom, since each look is a process of its own."""
    command = ("CMD", "wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{port}{path}")
    return HealthCheck(command=command, start_seconds=start_seconds, interval_seconds=10)


class Exporter(Service):
    """A program that is asked for metrics and keeps nothing."""

    user = "65534:65534"
    grace_seconds = 5
    stops_for_seconds = 12
    minimum_memory_mb = 32
    optional = True


class NodeExporter(Exporter):
    """The host: processors, memory, load, and the disk that the engine keeps everything on.

    What jobs have left in its volume as `*.prom` files, the times of backups for instance, comes with it.
    """

    image_folder = "exporters"
    port = metrics_port = 9100
    data_path = "/var/lib/node-exporter"
    health_check = answers(port)

    def __init__(self, stack: Stack, networks: Sequence[Network]) -> None:
        super().__init__(stack, networks)
        self.run(Process(command=["node"]))


class PostgresExporter(Exporter):
    """What PostgreSQL says of itself to a role that may read its statistics and nothing else."""

    image_folder = "exporters"
    port = metrics_port = 9187
    health_check = answers(port, path="/")

    def __init__(self, stack: Stack, networks: Sequence[Network], *, postgres: Postgres) -> None:
        super().__init__(stack, networks)
        password = "postgres_monitor_password"  # noqa: S105 - the name of a file
        environment = {
            "DATA_SOURCE_URI": f"{postgres.address}/{DATABASE}?sslmode=disable",
            "DATA_SOURCE_USER": postgres.monitor.used.name,
            "DATA_SOURCE_PASS_FILE": f"{SecretFiles.folder}/{password}",
        }
        secrets = {password: postgres.monitor.used.password}
        self.run(Process(command=["postgres"], environment=environment, secrets=secrets))


class RedisExporter(Exporter):
    """What Redis says of itself to a user that may ask for figures and reads no key."""

    image_folder = "exporters"
    port = metrics_port = 9121
    health_check = answers(port, path="/health")

    def __init__(self, stack: Stack, networks: Sequence[Network], *, redis: Redis) -> None:
        super().__init__(stack, networks)
        environment = {"REDIS_ADDR": f"redis://{redis.address}", "REDIS_USER": redis.monitor.used.name}
        secrets = {"redis_monitor_password": redis.monitor.used.password}
        self.run(Process(command=["redis"], environment=environment, secrets=secrets))


class BlackboxExporter(Exporter):
    """The public address as people see it, and until when its certificate is good."""

    image_folder = "exporters"
    port = 9115
    health_check = answers(port, path="/-/healthy")

    def __init__(
        self, stack: Stack, networks: Sequence[Network], *, configuration: Mapping[str, pulumi.Input[str]]
    ) -> None:
        super().__init__(stack, networks)
        self.run(Process(command=["blackbox"], configuration=configuration))


class Neo4jExporter(Exporter):
    """What Neo4j's Community edition, which has no metrics of its own, can be asked over Bolt."""

    image_folder = "observers"
    port = metrics_port = 9474
    health_check = answers(port, path="/health")

    def __init__(self, stack: Stack, networks: Sequence[Network], *, neo4j: Neo4j) -> None:
        super().__init__(stack, networks)
        login = neo4j.monitor.used
        secrets = {neo4j.credential_file: login.password}
        environment = {"NEO4J_URL": neo4j.url(login)}
        self.run(Process(command=["python", "-m", "observers.graph"], environment=environment, secrets=secrets))


class ContainerExporter(Exporter):
    """The stack's containers: processors, memory, health, restarts."""

    image_folder = "observers"
    port = metrics_port = 9338
    health_check = answers(port, path="/health")

    def __init__(self, stack: Stack, networks: Sequence[Network], *, engine: Engine) -> None:
        super().__init__(stack, networks)
        environment = {
            "DOCKER_HOST": f"tcp://{engine.address}",
            "PROJECT": pulumi.get_project(),
            "STACK": stack.name,
        }
        self.run(Process(command=["python", "-m", "observers.containers"], environment=environment))
