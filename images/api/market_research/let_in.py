"""`python -m market_research.let_in`: whether the stores let in whom standard input names; it shows no password."""

import json
import sys
from collections.abc import Callable, Mapping

import psycopg
import redis
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, ClientError

from market_research.address import Address
from market_research.settings import Settings, SettingsError
from market_research.stores import CONNECT_SECONDS, postgres_options

REFUSALS = ("authentication failed", "not permitted to log in")
LOCKED_OUT = "Neo.ClientError.Security.AuthenticationRateLimit"


def main() -> int:
    """Read a JSON list of [store, user, password], print one of true and false; 1 when a store does not answer."""
    try:
        settings = Settings.load()
        print(json.dumps([let_in(settings, *login) for login in json.load(sys.stdin)]))  # noqa: T201
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except Exception as error:  # Whatever a client raises, the name of its kind tells no secret.
        sys.stderr.write(f"let_in: a store does not answer: {type(error).__name__}\n")
        return 1
    return 0


def let_in(settings: Settings, store: str, user: str, password: str) -> bool:
    """Whether a store lets somebody in."""
    address = {"postgres": settings.postgres_url, "redis": settings.redis_url, "neo4j": settings.neo4j_url}[store]
    return ASKED[store](address, user, password)


def _by_postgres(address: Address, user: str, password: str) -> bool:
    try:
        psycopg.connect(**{**postgres_options(address, password), "user": user}).close()  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        if any(words in str(error) for words in REFUSALS):
            return False
        raise
    return True


def _by_redis(address: Address, user: str, password: str) -> bool:
    place = {"host": address.host, "port": address.port, "socket_connect_timeout": CONNECT_SECONDS}
    try:
        with redis.Redis(**place, username=user, password=password) as client:  # type: ignore[arg-type]
            client.ping()
    except redis.exceptions.NoPermissionError:
        return True
    except redis.exceptions.AuthenticationError:
        return False
    return True


def _by_neo4j(address: Address, user: str, password: str) -> bool:
    try:
        with GraphDatabase.driver(f"bolt://{address}", auth=(user, password)) as driver:
            driver.verify_connectivity()
    except AuthError:
        return False
    except ClientError as error:
        if error.code != LOCKED_OUT:
            raise
        return False
    return True


ASKED: Mapping[str, Callable[[Address, str, str], bool]] = {
    "postgres": _by_postgres,
    "redis": _by_redis,
    "neo4j": _by_neo4j,
}


if __name__ == "__main__":
    sys.exit(main())
