"""The dashboards: one page for metrics, alerts, logs and traces."""

from collections.abc import Mapping, Sequence

import pulumi

from infra.container import Process
from infra.network import Network
from infra.service import Service
from infra.services.exporters import answers
from infra.stack import Stack
from stacks.monitoring import LOOPBACK


class Dashboards(Service):
    """nginx with the page and the only ways into the stores of metrics, alerts, logs and traces."""

    port = 3000
    user = "101:101"
    grace_seconds = 10
    stops_for_seconds = 12
    minimum_memory_mb = 32
    optional = True
    health_check = answers(port, path="/nginx_status")

    def __init__(self, stack: Stack, networks: Sequence[Network], *, files: Mapping[str, pulumi.Input[str]]) -> None:
        super().__init__(stack, networks)
        self.run(Process(configuration=files))

    @property
    def published(self) -> Mapping[int, int]:
        """On the port that the setting `monitoring` chooses."""
        chosen = self.stack.settings.monitoring
        return {self.port: chosen.port} if chosen else {}

    @property
    def url(self) -> str:
        """Where they are opened."""
        return f"http://{self.published_on}:{self.published[self.port]}"

    @property
    def published_on(self) -> str:
        """This host alone."""
        return str(LOOPBACK)
