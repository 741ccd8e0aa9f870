"""Alertmanager: tells people, by Slack and e-mail, and a heartbeat to whoever misses it."""

from collections.abc import Mapping, Sequence

import pulumi

from infra.container import Process
from infra.network import Network
from infra.service import Service
from infra.services.exporters import answers
from infra.stack import Stack


class Alertmanager(Service):
    """Groups alerts, leaves out what follows from others, and remembers what was silenced."""

    port = metrics_port = 9093
    user = "65534:65534"
    data_path = "/alertmanager"
    grace_seconds = 15
    stops_for_seconds = 15
    minimum_memory_mb = 32
    optional = True
    health_check = answers(port, path="/-/ready")

    def __init__(
        self, stack: Stack, networks: Sequence[Network], *, routing: str, secrets: Mapping[str, pulumi.Input[str]]
    ) -> None:
        super().__init__(stack, networks)
        options = [
            "--config.file=/run/configuration/alertmanager.yml",
            f"--storage.path={self.data_path}",
            "--cluster.listen-address=",  # there is one of it
        ]
        self.run(Process(command=options, configuration={"alertmanager.yml": routing}, secrets=secrets))
