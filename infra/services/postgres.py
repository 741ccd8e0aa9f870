"""PostgreSQL with pgvector: the system of record."""

from collections.abc import Sequence

from infra.container import Process
from infra.logins import Login, Logins
from infra.mounted_files import SecretFiles
from infra.network import Network
from infra.service import TMPFS, HealthCheck, Service
from infra.stack import Stack
from stacks.settings import ServiceSettings

DATABASE = "market_research"
API = "api"
BACKUP_PASSWORD = "postgres_backup_password"  # noqa: S105 - the name of a file
INITDB_ARGS = "--data-checksums --locale-provider=builtin --builtin-locale=C.UTF-8"
"""The builtin locale: an index does not break when another image brings other versions of glibc or ICU."""


class Postgres(Service):
    """Holds everything that must not be lost; the graph and the cache can be rebuilt from it."""

    client: Logins
    port = 5432
    user = "999:999"
    data_path = "/var/lib/postgresql/data"
    credential_file = "postgres_password"
    grace_seconds = 90
    stops_for_seconds = 5
    minimum_memory_mb = 256
    tmpfs = {  # noqa: RUF012 - a ClassVar in the base class
        "/tmp": f"{TMPFS},size=64m",  # noqa: S108
        "/var/run/postgresql": f"{TMPFS},size=1m,uid=999,gid=999,mode=0775",
    }
    # Over TCP: during the first initialisation the socket answers already.
    health_check = HealthCheck(
        command=("CMD", "pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres", "-d", DATABASE), start_seconds=120
    )

    def __init__(self, stack: Stack, networks: Sequence[Network]) -> None:
        super().__init__(stack, networks)
        self.superuser_password = self.password("superuser")
        self.client = self.logins(API)  # reads and writes rows
        self.migration = self.logins("migration")  # owns the database
        self.monitor = self.logins("monitor")  # reads statistics
        self.keeper = self.logins("backup") if stack.settings.backup else None  # reads everything, and replicates
        known = [self.client, self.migration, self.monitor, *([self.keeper] if self.keeper else [])]
        self.connections = connections(self.limits)
        self.run(
            Process(
                command=["postgres", *(f"--{key}={value}" for key, value in tuning(self.limits).items())],
                environment={
                    "PGDATA": f"{self.data_path}/pgdata",
                    "POSTGRES_DB": DATABASE,
                    "POSTGRES_INITDB_ARGS": INITDB_ARGS,
                    "POSTGRES_PASSWORD_FILE": f"{SecretFiles.folder}/superuser_password",
                },
                secrets={
                    "superuser_password": self.superuser_password,
                    **{f"postgres_{one.name}_password": one.password for client in known for one in client.both},
                },
                shm_mb=max(64, self.limits.memory_mb // 8),
                follows_files=True,
            )
        )

    def url(self, login: Login) -> str:
        """Where a login finds the database."""
        return f"postgresql://{login.name}@{self.address}/{DATABASE}"


def connections(limits: ServiceSettings) -> int:
    """How many connections a memory limit (MiB) carries."""
    return min(100, max(20, limits.memory_mb // 20))


def tuning(limits: ServiceSettings) -> dict[str, str]:
    """Server settings for a memory and CPU limit: pgtune's formulas for a web application on SSDs.

    Parallel maintenance stays off: pgvector 0.8.0 can corrupt an HNSW index that is built in parallel.
    """
    memory = limits.memory_mb
    shared_buffers = memory // 4
    return {
        "max_connections": str(connections(limits)),
        "shared_buffers": f"{shared_buffers}MB",
        "effective_cache_size": f"{memory * 3 // 4}MB",
        "work_mem": f"{(memory - shared_buffers) * 1024 // ((connections(limits) + limits.whole_cpus) * 3)}kB",
        "maintenance_work_mem": f"{memory // 16}MB",
        "max_wal_size": f"{memory // 2}MB",
        "max_slot_wal_keep_size": "1GB",
        "max_parallel_workers": str(limits.whole_cpus),
        "max_parallel_workers_per_gather": str(limits.whole_cpus - 1),
        "max_parallel_maintenance_workers": "0",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
        "jit": "off",
        "shared_preload_libraries": "pg_stat_statements",
        "idle_in_transaction_session_timeout": "60s",
        "log_min_duration_statement": "500ms",
        "log_parameter_max_length": "0",
        # The detail of an error holds what people wrote: of an e-mail that is taken already, the e-mail.
        "log_error_verbosity": "terse",
    }
