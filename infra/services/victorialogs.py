"""VictoriaLogs: everybody's log lines, to be searched."""

from collections.abc import Sequence

from infra.container import Process
from infra.network import Network
from infra.service import Service
from infra.services.exporters import answers
from infra.stack import Stack

GB = 10**9
KEPT = "30d"
"""As long as backups are; the size is what really bounds it."""


class Victorialogs(Service):
    """Keeps what the log collector brings, up to a size on disk: the oldest goes first."""

    port = metrics_port = 9428
    user = "9428:9428"
    data_path = "/victoria-logs"
    grace_seconds = 30
    stops_for_seconds = 15
    minimum_memory_mb = 96
    optional = True
    health_check = answers(port, path="/health")

    def __init__(self, stack: Stack, networks: Sequence[Network], *, kept_gb: float) -> None:
        super().__init__(stack, networks)
        self.elasticsearch = f"http://{self.address}/insert/elasticsearch"
        options = [f"-retentionPeriod={KEPT}", f"-retention.maxDiskSpaceUsageBytes={int(kept_gb * GB)}"]
        # Go gives memory back before the limit is reached: with a wide question over many lines it was killed without.
        environment = {"GOMEMLIMIT": f"{self.limits.memory_mb * 3 // 4}MiB"}
        self.run(Process(command=options, environment=environment))
