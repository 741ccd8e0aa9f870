"""The whole platform on one screen."""

import pulumi

from infra.engine import Engine
from infra.network import Network
from infra.service import Service
from infra.services.api import Api
from infra.services.edge import Edge
from infra.services.frontend import Frontend
from infra.services.neo4j import Neo4j
from infra.services.postgres import Postgres
from infra.services.redis import Redis
from infra.stack import Stack
from stacks.settings import StackSettings

SERVICES: tuple[type[Service], ...] = (Postgres, Redis, Neo4j, Api, Frontend, Edge)


def market_research(settings: StackSettings, engine: Engine) -> dict[str, pulumi.Input[object]]:
    """Declare a stack of virtual focus groups and return its outputs (see stacks/outputs.py)."""
    stack = Stack(settings, SERVICES, engine)

    edge = Network(stack, "edge")
    app = Network(stack, "app", internal=True)
    data = Network(stack, "data", internal=True)
    egress = Network(stack, "egress")

    postgres = Postgres(stack, [data])
    redis = Redis(stack, [data])
    neo4j = Neo4j(stack, [data])
    api = Api(stack, [app, data, egress], postgres=postgres, redis=redis, neo4j=neo4j)
    frontend = Frontend(stack, [app] if stack.has(Edge) else [app, edge], api=api)
    services: list[Service] = [postgres, redis, neo4j, api, frontend]
    if stack.has(Edge):
        services.append(Edge(stack, [app, edge], api=api, frontend=frontend))

    return {
        "url": services[-1].public_url,
        "services": {service.name: service.outputs for service in services},
        "client": api.name,
    }
