"""The Docker engine as one of the stack's services: its API, of which only questions are let through."""

from collections.abc import Mapping, Sequence

import pulumi

from infra.container import Process
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.stack import Stack

SOCKET = "/var/run/docker.sock"


class Engine(Service):
    """Answers those who watch containers; it can be asked for all of the host's, and told to do nothing."""

    port = 2375
    user = "0:0"  # the socket's owner, without any of root's capabilities
    grace_seconds = 5
    stops_for_seconds = 12
    minimum_memory_mb = 32
    optional = True
    health_check = HealthCheck(
        command=("CMD", "wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{port}/_ping"),
        start_seconds=30,
        interval_seconds=10,
    )

    def __init__(
        self, stack: Stack, networks: Sequence[Network], configuration: Mapping[str, pulumi.Input[str]] | None = None
    ) -> None:
        super().__init__(stack, networks)
        self.run(Process(host_paths={SOCKET: SOCKET}, configuration=configuration or {}))
