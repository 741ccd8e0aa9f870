"""Those who watch the others, on one screen."""

from collections.abc import Sequence
from dataclasses import dataclass

from infra import observation
from infra.network import Network
from infra.service import Service
from infra.services.alertmanager import Alertmanager
from infra.services.dashboards import Dashboards
from infra.services.engine import Engine
from infra.services.exporters import (
    BlackboxExporter,
    ContainerExporter,
    Neo4jExporter,
    NodeExporter,
    PostgresExporter,
    RedisExporter,
)
from infra.services.log_collector import LogCollector
from infra.services.prometheus import Prometheus
from infra.services.victorialogs import Victorialogs
from infra.services.zipkin import Zipkin
from infra.stack import Stack
from infra.stores import Stores
from stacks.monitoring import Monitoring

WATCHING: tuple[type[Service], ...] = (
    *(Zipkin, Victorialogs, LogCollector, Engine, ContainerExporter, NodeExporter, PostgresExporter, RedisExporter),
    *(Neo4jExporter, BlackboxExporter, Alertmanager, Prometheus, Dashboards),
)


@dataclass(frozen=True)
class Platform:
    """What is watched, where people come in, and the networks on which it is reached."""

    stores: Stores
    services: Sequence[Service]
    way_in: Service
    app: Network
    data: Network
    edge: Network
    egress: Network


class Watch:
    """The network of those who watch, which the API and the edge are on, too; and what the API sends traces to."""

    def __init__(self, stack: Stack, chosen: Monitoring) -> None:
        self._stack = stack
        self._chosen = chosen
        self.network = Network(stack, "monitoring", internal=True)
        self.traces = Zipkin(stack, [self.network])

    def over(self, platform: Platform) -> tuple[list[Service], Dashboards]:
        """Everybody who watches this platform, and where they are seen."""
        stack, chosen, here = self._stack, self._chosen, self.network
        engine = Engine(stack, [Network(stack, "engine", internal=True)])
        logs = Victorialogs(stack, [here], kept_gb=chosen.logs_gb)
        blackbox = BlackboxExporter(
            stack, [here, platform.app], configuration=observation.blackbox_files(platform.way_in)
        )
        routing, secrets = observation.routing(stack, chosen), observation.secrets(stack)
        alertmanager = Alertmanager(stack, [here, platform.egress], routing=routing, secrets=secrets)
        exporters: list[Service] = [
            NodeExporter(stack, [here]),
            PostgresExporter(stack, [here, platform.data], postgres=platform.stores.postgres),
            RedisExporter(stack, [here, platform.data], redis=platform.stores.redis),
            Neo4jExporter(stack, [here, platform.data], neo4j=platform.stores.neo4j),
            ContainerExporter(stack, [here, *engine.networks], engine=engine),
        ]
        watching: list[Service] = [self.traces, engine, logs, LogCollector(stack, [here], logs=logs), *exporters]
        asked = [*platform.services, *exporters, logs, alertmanager]
        files = observation.prometheus_files(stack, chosen, asked, blackbox=blackbox, alertmanager=alertmanager)
        prometheus = Prometheus(stack, [here], files=files, kept_gb=chosen.metrics_gb)
        shown = observation.dashboard_files(stack, chosen, platform.way_in)
        dashboards = Dashboards(stack, [here, platform.edge], files=shown)
        return [*watching, blackbox, alertmanager, prometheus, dashboards], dashboards
