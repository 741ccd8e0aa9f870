"""The log collector: brings the containers' log lines from the engine's files to the log store."""

from collections.abc import Sequence

import pulumi

from infra.container import Process
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.services.victorialogs import Victorialogs
from infra.stack import Stack

FOLDER = "/var/lib/docker/containers"
"""Where the collector finds Docker's log files."""


class LogCollector(Service):
    """Reads what Docker writes of this stack's containers, and remembers how far it has come.

    It listens nowhere; what it speaks is Elasticsearch's `_bulk`, so that an ELK stack can take the store's place.
    """

    port = 0
    user = "0:0"  # the files are root's, to be read without any of root's capabilities
    data_path = "/var/lib/log-collector"
    grace_seconds = 15
    stops_for_seconds = 15
    minimum_memory_mb = 48
    optional = True
    image_folder = "logcollector"
    health_check = HealthCheck(
        command=("CMD", "syslog-ng-ctl", "healthcheck", "--control", "/tmp/syslog-ng.ctl"),  # noqa: S108
        start_seconds=60,
        interval_seconds=10,
    )

    def __init__(self, stack: Stack, networks: Sequence[Network], *, logs: Victorialogs) -> None:
        super().__init__(stack, networks)
        environment = {
            "LOGS_URL": logs.elasticsearch,
            "LOGS_PROJECT": pulumi.get_project(),
            "LOGS_STACK": stack.name,
            "LOGS_BUFFER_MB": "128",
        }
        self.run(Process(environment=environment, host_paths={FOLDER: stack.engine.log_folder}))
