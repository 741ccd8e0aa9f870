"""PostgreSQL's side of a migration: tables, as their owner, and what the API may do with them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from market_research.settings import SchemaPasswords, Settings
from market_research.stores import postgres_options

API = "api"
"""The role of the API, which owns nothing: PostgreSQL's image makes it, and the one that migrations are."""
CONFIG = Path(__file__).parent.parent / "alembic.ini"
# Any number will do, as long as every version of this program takes the same.
LOCK = 4_384_0001


def login() -> dict[str, Any]:
    """How migrations log in; SettingsError on a missing address or password."""
    password = SchemaPasswords.load().postgres_password.get_secret_value()
    return {**postgres_options(Settings.load().postgres_url, password)}


@contextmanager
def exclusively(options: Mapping[str, Any]) -> Iterator[psycopg.Connection]:
    """A connection that holds the migrations' lock; psycopg.errors.LockNotAvailable after a minute of waiting."""
    with psycopg.connect(**options, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '60s'")
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield connection


def let_api_work(connection: psycopg.Connection) -> None:
    """Let the API read and write the rows of all tables but the one that tells their revision."""
    with connection.transaction():
        connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {API}")
        connection.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {API}")
        if _has_revision(connection):
            connection.execute(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {API}")


def upgrade(options: Mapping[str, Any]) -> str:
    """Bring the tables to this version's revision and tell in words what was done; a newer database is left alone."""
    config = Config(CONFIG)
    scripts = ScriptDirectory.from_config(config)
    head, before = str(scripts.get_current_head()), revision(options)
    known = {script.revision for script in scripts.walk_revisions()}
    if before is not None and before not in known and before > head:
        return f"the database is at {before}, ahead of this version's {head}: left as it is"
    # Filled under the lock: of two jobs at once, only the one that did it says so.
    applied: list[str] = config.attributes.setdefault("applied", [])
    command.upgrade(config, "head")
    return f"{', '.join(applied)} applied" if applied else f"already at {head}"


def revision(options: Mapping[str, Any]) -> str | None:
    """The revision that the database is at; None before the first migration."""
    with psycopg.connect(**options) as connection:
        if not _has_revision(connection):
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def _has_revision(connection: psycopg.Connection) -> bool:
    return bool(connection.execute("SELECT 1 FROM pg_tables WHERE tablename = 'alembic_version'").fetchone())
