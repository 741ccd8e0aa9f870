"""The whole platform on one screen."""

import pulumi

from infra.engine import Engine
from infra.network import Network
from infra.safekeeping import KEEPING, Safekeeping
from infra.service import Service
from infra.services.api import Api
from infra.services.edge import Edge
from infra.services.frontend import Frontend
from infra.services.neo4j import Neo4j
from infra.services.postgres import Postgres
from infra.services.redis import Redis
from infra.stack import Stack
from infra.stores import Stores
from infra.watch import WATCHING, Platform, Watch
from stacks.settings import StackSettings

SERVICES: tuple[type[Service], ...] = (Postgres, Redis, Neo4j, Api, Frontend, Edge, *KEEPING, *WATCHING)


def market_research(settings: StackSettings, engine: Engine) -> dict[str, pulumi.Input[object]]:
    """Declare a stack of virtual focus groups and return its outputs (see stacks/outputs.py)."""
    stack = Stack(settings, SERVICES, engine)

    edge = Network(stack, "edge")
    app = Network(stack, "app", internal=True)
    data = Network(stack, "data", internal=True)
    egress = Network(stack, "egress")
    watch = Watch(stack, settings.monitoring) if settings.monitoring else None
    watched = [watch.network] if watch else []
    safekeeping = Safekeeping(stack, settings.backup, watched) if settings.backup else None

    stores = Stores(Postgres(stack, [data]), Redis(stack, [data]), Neo4j(stack, [data]))
    traces = watch.traces if watch else None
    api = Api(stack, [app, data, egress, *watched], stores=stores, traces=traces)
    frontend = Frontend(stack, [app] if stack.has(Edge) else [app, edge], api=api)
    services: list[Service] = [stores.postgres, stores.redis, stores.neo4j, api, frontend]
    if stack.has(Edge):
        services.append(Edge(stack, [app, edge, *watched], api=api, frontend=frontend))
    way_in = services[-1]
    outputs: dict[str, pulumi.Input[object]] = {"url": way_in.public_url, "client": api.name}
    if isinstance(way_in, Edge):
        outputs["authority"] = way_in.authority
    if safekeeping:
        services += safekeeping.over(stores, api, data=data, egress=egress)
    if watch:
        platform = Platform(stores, services, way_in, app=app, data=data, edge=edge, egress=egress)
        watching, dashboards = watch.over(platform)
        services = [*services, *watching]
        outputs["dashboards"] = dashboards.url
    return {**outputs, "services": {service.name: service.outputs for service in services}}
