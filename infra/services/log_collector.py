"""The log collector: brings the containers' log lines from the engine's files to the log store."""

from collections.abc import Sequence

from infra.container import Process
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.services.victorialogs import Victorialogs
from infra.stack import Stack


class LogCollector(Service):
    """Reads what Docker writes of this stack's containers, and remembers how far it has come."""

    port = 8686
    user = "0:0"  # the files are root's, without any of root's capabilities
    data_path = "/var/lib/log-collector"
    grace_seconds = 15
    stops_for_seconds = 15
    minimum_memory_mb = 48
    optional = True
    image_folder = "logcollector"
    health_check = HealthCheck(command=("CMD", "healthy"), start_seconds=60, interval_seconds=10)

    def __init__(self, stack: Stack, networks: Sequence[Network], *, logs: Victorialogs) -> None:
        super().__init__(stack, networks)
        self.run(Process(environment={"LOGS_URL": f"http://{logs.address}"}))
