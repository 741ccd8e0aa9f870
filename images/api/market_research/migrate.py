"""`python -m market_research.migrate`: everything that the stores need before this version of the API may start."""

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import psycopg
from alembic.util import CommandError
from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError, ServiceUnavailable
from sqlalchemy.exc import SQLAlchemyError

from market_research import graph, schema
from market_research.address import Address
from market_research.settings import SECRETS, MigrationPasswords, Settings, SettingsError
from market_research.stores import CONNECT_SECONDS
from market_research.watch import reason

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 1.0
# A running store takes a new password from its file within this time.
FOLLOWS_SECONDS = 15.0
# PostgreSQL answers a login with these words when waiting would not help, or not for long.
HOPELESS = ("does not exist", "pg_hba.conf")
REFUSED = ("authentication failed", "not permitted to log in")
# Neo4j refuses everybody for seconds after wrong passwords of somebody: that passes.
LOCKED_OUT = "Neo.ClientError.Security.AuthenticationRateLimit"

Failure = (psycopg.Error, SQLAlchemyError, CommandError, DriverError, Neo4jError)
Result = TypeVar("Result")


def main(arguments: list[str] | None = None) -> int:
    """Prepare both stores and return 0; 1 when a step failed, 2 when a setting is wrong, with one line why."""
    parser = argparse.ArgumentParser(prog="migrate", description=__doc__)
    parser.add_argument("--patience", type=float, default=PATIENCE_SECONDS, help="seconds to wait for each store")
    patience = parser.parse_args(arguments).patience
    step = "settings"
    try:
        settings, passwords = Settings.load(), MigrationPasswords.load()
        options = schema.login()
        step = "postgres schema"
        _say(step, _when_there("postgres", settings.postgres_url, patience, lambda: schema.upgrade(options)))
        step = "neo4j constraints"
        password = passwords.neo4j_password.get_secret_value()
        added = _when_there(
            "neo4j", settings.neo4j_url, patience, lambda: _constrain(settings.neo4j_url, password, options)
        )
        _say(step, f"{added} added, {len(graph.LABELS)} in place")
    except SettingsError as error:
        _print(str(error))
        return 2
    except Failure as error:
        _say(step, _cause(error))
        return 1
    return 0


def _constrain(address: Address, password: str, postgres: Mapping[str, Any]) -> int:
    options: dict[str, Any] = {
        "connection_timeout": CONNECT_SECONDS,
        # Repeating is left to `_when_there`: the driver would log every attempt, and that a constraint exists already.
        "max_transaction_retry_time": 0,
        "notifications_min_severity": "OFF",
    }
    # Two jobs at once would deadlock in Neo4j: PostgreSQL's lock keeps them apart here too.
    with (
        GraphDatabase.driver(f"bolt://{address}", auth=(address.user, password), **options) as driver,
        schema.exclusively(postgres),
    ):
        return graph.constrain(driver)


def _when_there(store: str, address: Address, patience: float, attempt: Callable[[], Result]) -> Result:
    """The result of `attempt`, repeated while the store is starting; its last error after `patience` seconds."""
    start, told = time.monotonic(), False
    while True:
        try:
            return attempt()
        except Failure as error:
            if time.monotonic() - start > min(patience, _passes_within(error)):
                raise
            if not told:
                _say(store, f"waiting for {address}, up to {patience:g} s: {reason(error)}")
                told = True
            time.sleep(PAUSE_SECONDS)


def _passes_within(error: Exception) -> float:
    """Seconds until it is no more that the store is only starting, or about to take over a password; -1 for none."""
    if _is_refused(error):
        return FOLLOWS_SECONDS
    return float("inf") if _may_pass(error) else -1


def _is_refused(error: Exception) -> bool:
    return isinstance(error, AuthError) or any(words in str(error) for words in REFUSED)


def _may_pass(error: Exception) -> bool:
    """Whether the store may only be starting."""
    if isinstance(error, Neo4jError):
        return error.code == LOCKED_OUT or error.is_retryable()
    if isinstance(error, psycopg.OperationalError):
        return not any(words in str(error) for words in (*HOPELESS, *REFUSED))
    return isinstance(error, ServiceUnavailable)


def _cause(error: Exception) -> str:
    """What went wrong in one line and, where it is known, the way out."""
    text = reason(error)
    if _is_refused(error):
        return f"{text}; the password in {SECRETS} is not the store's, which did not take over its own: see its log"
    if _may_pass(error):
        return f"{text}; the store does not answer: see its log"
    return text


def _say(step: str, what: str) -> None:
    _print(f"migrate: {step}: {what}")


def _print(line: str) -> None:
    # Errors too: Docker keeps the order of lines within one stream only, and the last line must be the cause.
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
