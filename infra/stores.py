"""The three stores, together."""

from dataclasses import dataclass

from infra.services.neo4j import Neo4j
from infra.services.postgres import Postgres
from infra.services.redis import Redis


@dataclass(frozen=True)
class Stores:
    """Where data is kept."""

    postgres: Postgres
    redis: Redis
    neo4j: Neo4j
