"""Prometheus: asks everybody for metrics, keeps them, and evaluates the rules."""

from collections.abc import Mapping, Sequence

import pulumi

from infra.container import Process
from infra.network import Network
from infra.service import Service
from infra.services.exporters import answers
from infra.stack import Stack

KEPT = "90d"
"""Enough to compare a quarter; the size is what really bounds it."""


class Prometheus(Service):
    """Keeps metrics up to a size on disk: the oldest go first."""

    port = 9090
    user = "65534:65534"
    data_path = "/prometheus"
    grace_seconds = 30
    stops_for_seconds = 20
    minimum_memory_mb = 128
    optional = True
    health_check = answers(port, path="/-/ready", start_seconds=120)

    def __init__(
        self, stack: Stack, networks: Sequence[Network], *, files: Mapping[str, pulumi.Input[str]], kept_gb: float
    ) -> None:
        super().__init__(stack, networks)
        options = [
            "--config.file=/run/configuration/prometheus.yml",
            f"--storage.tsdb.path={self.data_path}",
            f"--storage.tsdb.retention.size={round(kept_gb * 1000)}MB",
            f"--storage.tsdb.retention.time={KEPT}",
            "--storage.tsdb.wal-compression",
        ]
        self.run(Process(command=options, configuration=files))
