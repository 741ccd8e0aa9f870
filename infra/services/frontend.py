"""The frontend: the React UI behind nginx, and the way to the API."""

import math
from collections.abc import Sequence

from infra.container import Process
from infra.hot_reload import Source
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.services.api import Api
from infra.stack import Stack


class Frontend(Service):
    """What people open in their browser; it passes /api, /health and /live on to the API."""

    port = 8080
    user = "101:101"
    grace_seconds = 15
    stops_for_seconds = 5
    minimum_memory_mb = 16
    publishes = True
    behind_edge = True
    source = Source(folder="src", path="/app/src", minimum_memory_mb=128)
    health_check = HealthCheck(
        command=("CMD", "wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{port}/nginx_status"), start_seconds=15
    )

    def __init__(self, stack: Stack, networks: Sequence[Network], *, api: Api) -> None:
        super().__init__(stack, networks)
        directives = f"daemon off; worker_processes {math.ceil(self.limits.cpus)};"
        nginx = ["nginx", "-g", directives]
        vite: list[str] = []  # the image's own command
        command = vite if self.name in stack.sources else nginx
        self.run(Process(command=command, environment={"API_ADDRESS": api.address}), after=[api])
