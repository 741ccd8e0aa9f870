"""Zipkin: traces, request by request. Jaeger takes the same spans at the same port and path."""

from collections.abc import Sequence

from infra.container import Process
from infra.network import Network
from infra.service import Service
from infra.services.exporters import answers
from infra.stack import Stack

LOGS_OF_A_TRACE = "/logs/select/vmui/#/?query=trace_id:{traceId}"
"""Where its page leads from a trace, on the page of the dashboards."""


class Zipkin(Service):
    """Keeps the newest traces in memory: they explain what has just happened."""

    port = 9411
    user = "1000:1000"
    grace_seconds = 10
    stops_for_seconds = 15
    minimum_memory_mb = 256
    optional = True
    health_check = answers(port, path="/health", start_seconds=90)

    def __init__(self, stack: Stack, networks: Sequence[Network]) -> None:
        super().__init__(stack, networks)
        self.spans = f"http://{self.address}/api/v2/spans"
        self.run(Process(environment={"ZIPKIN_UI_LOGSURL": LOGS_OF_A_TRACE}))
