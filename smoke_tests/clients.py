"""Real clients of the stores, logged in as the application is, by whatever way leads to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import neo4j
import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from smoke_tests.deployment import Deployment
from smoke_tests.secret_files import password
from smoke_tests.tunnel import Way

TIMEOUT_SECONDS = 15


@contextmanager
def postgres_connection(
    deployment: Deployment, way: Way, secret: str | None = None, login: str | None = None
) -> Iterator[psycopg.Connection]:
    """A connection to the application's database, with another password or login if one is given."""
    promised = deployment.outputs.services["postgres"]
    host, port = way.place(promised.address)
    with psycopg.connect(
        host=host,
        port=port,
        user=login or promised.login,
        password=secret or password(deployment, "postgres"),
        dbname=_database(deployment),
        connect_timeout=TIMEOUT_SECONDS,
        autocommit=True,
    ) as connection:
        yield connection


def graph_driver(deployment: Deployment, way: Way, secret: str | None = None, login: str | None = None) -> neo4j.Driver:
    """A driver for Neo4j, with another password or login if one is given."""
    promised = deployment.outputs.services["neo4j"]
    host, port = way.place(promised.address)
    return neo4j.GraphDatabase.driver(
        f"bolt://{host}:{port}",
        auth=(login or promised.login, secret or password(deployment, "neo4j")),
        connection_timeout=TIMEOUT_SECONDS,
        connection_acquisition_timeout=2 * TIMEOUT_SECONDS,
        max_transaction_retry_time=TIMEOUT_SECONDS,
    )


def redis_client(deployment: Deployment, way: Way, secret: str | None = None, login: str | None = None) -> redis.Redis:
    """A client of Redis, with another password or login if one is given."""
    promised = deployment.outputs.services["redis"]
    host, port = way.place(promised.address)
    return redis.Redis(
        host=host,
        port=port,
        username=login or promised.login,
        password=secret or password(deployment, "redis"),
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1),
        decode_responses=True,
    )


def _database(deployment: Deployment) -> str:
    """The database that the client's own environment names."""
    environment: list[str] = deployment.container(deployment.outputs.client).attrs["Config"]["Env"]
    values = (line.partition("=")[2] for line in environment)
    return urlsplit(next(value for value in values if value.startswith("postgresql://"))).path.strip("/")
