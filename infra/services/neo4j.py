"""Neo4j with APOC and Graph Data Science: the graph of participants, answers and themes."""

from collections.abc import Sequence

import pulumi

from infra.container import Process
from infra.logins import Login, Logins
from infra.mounted_files import SecretFiles
from infra.network import Network
from infra.service import TMPFS, HealthCheck, Service
from infra.stack import Stack
from stacks.settings import ServiceSettings


class Neo4j(Service):
    """Answers what opinions have in common; can be rebuilt from PostgreSQL."""

    client: Logins
    port = 7687
    user = "7474:7474"
    data_path = "/data"
    credential_file = "neo4j_password"
    grace_seconds = 120
    stops_for_seconds = 60
    minimum_memory_mb = 1024
    tmpfs = {"/tmp": f"{TMPFS},size=128m"}  # noqa: RUF012, S108
    health_check = HealthCheck(command=("CMD", "/usr/local/bin/healthy"), start_seconds=180, interval_seconds=3)

    def __init__(self, stack: Stack, networks: Sequence[Network]) -> None:
        super().__init__(stack, networks)
        self.client = self.logins("api")  # Neo4j Community has no roles: any user may do anything, and manage users
        self.monitor = self.logins("monitor")
        lines = [
            pulumi.Output.concat(login.name, "/", login.password, "\n")
            for client in (self.client, self.monitor)
            for login in client.both
        ]
        self.run(
            Process(
                environment={
                    "NEO4J_USERS_PATH": f"{SecretFiles.folder}/neo4j_users",
                    **{_environment_name(key): value for key, value in memory(self.limits).items()},
                },
                secrets={"neo4j_users": pulumi.Output.concat(*lines)},
                follows_files=True,
            )
        )

    def url(self, login: Login) -> str:
        """Where a login finds the graph."""
        return f"bolt://{login.name}@{self.address}"


def memory(limits: ServiceSettings) -> dict[str, str]:
    """Server settings for a memory limit (MiB).

    The JVM itself takes about 500 MB and a tenth of the limit; of the rest two thirds are heap (graph projections live
    there) and one third is page cache.
    """
    rest = limits.memory_mb - 500 - limits.memory_mb // 10
    heap = rest * 2 // 3
    return {
        "server.memory.heap.initial_size": f"{heap}m",
        "server.memory.heap.max_size": f"{heap}m",
        "server.memory.pagecache.size": f"{rest - heap}m",
        "dbms.memory.transaction.total.max": f"{heap * 45 // 100}m",
        "db.memory.transaction.max": f"{heap * 15 // 100}m",
    }


def _environment_name(setting: str) -> str:
    return "NEO4J_" + setting.replace("_", "__").replace(".", "_")
