"""Who makes backups, and through whom: a scheduler, the gate by which it starts and stops, a receiver of WAL."""

from collections.abc import Sequence

from infra.container import Process
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.services.engine import Engine
from infra.services.postgres import BACKUP_PASSWORD, DATABASE, Postgres
from infra.stack import Stack

HEALTHY = ("CMD", "python", "-m", "backup", "healthy")


class BackupEngine(Engine):
    """The engine's API for who makes backups: it starts and stops the containers that it is told of, and no other."""

    image_folder = "engine"


class Backup(Service):
    """Makes backups when it is time, tries to restore them, and keeps them; it starts nothing by itself."""

    port = metrics_port = 9465
    user = "10001:10001"  # as the API, whose files are read
    data_path = "/repository"
    grace_seconds = 200  # Neo4j may have to be started again first
    stops_for_seconds = 5
    minimum_memory_mb = 64
    optional = True
    health_check = HealthCheck(command=HEALTHY, start_seconds=60, interval_seconds=10)


class WalReceiver(Service):
    """Writes down what PostgreSQL does as it does it, so that it can be brought back to any moment."""

    image_folder = "backup"
    port = 5432
    user = "10001:10001"
    data_path = "/wal"
    grace_seconds = 15
    stops_for_seconds = 3
    minimum_memory_mb = 32
    optional = True
    health_check = HealthCheck(command=HEALTHY, start_seconds=60, interval_seconds=10)

    def __init__(self, stack: Stack, networks: Sequence[Network], *, postgres: Postgres) -> None:
        super().__init__(stack, networks)
        assert postgres.keeper  # noqa: S101 - there are backups
        login = postgres.keeper.used
        self.run(
            Process(
                command=["receive-wal"],
                environment={
                    "POSTGRES_ADDRESS": postgres.address,
                    "POSTGRES_DATABASE": DATABASE,
                    "POSTGRES_LOGIN": login.name,
                },
                secrets={BACKUP_PASSWORD: login.password},
            ),
            after=[postgres],
        )
