"""PostgreSQL's side of a migration: role, ownership and extension as the superuser, tables as the application."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

from market_research.settings import SchemaPasswords, Settings
from market_research.stores import postgres_options

SUPERUSER = "postgres"
CONFIG = Path(__file__).parent.parent / "alembic.ini"
# Any number will do, as long as every version of this program takes the same.
LOCK = 4_384_0001


def login() -> dict[str, Any]:
    """How to log in as the application's role; SettingsError on a missing address or password."""
    password = SchemaPasswords.load().postgres_password.get_secret_value()
    return {**postgres_options(Settings.load().postgres_url, password)}


@contextmanager
def exclusively(options: Mapping[str, Any]) -> Iterator[psycopg.Connection]:
    """A connection that holds the migrations' lock; psycopg.errors.LockNotAvailable after a minute of waiting."""
    with psycopg.connect(**options, autocommit=True) as connection:
        connection.execute("SET lock_timeout = '60s'")
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield connection


def prepare(options: Mapping[str, Any], superuser_password: str) -> None:
    """Create or correct the application's role, make it the owner of its database, and install pgvector."""
    role, database = str(options["user"]), str(options["dbname"])
    with exclusively({**options, "user": SUPERUSER, "password": superuser_password}) as connection:
        # Hashed here, so that the server's log never shows the password, whatever it logs.
        secret = connection.pgconn.encrypt_password(
            str(options["password"]).encode(), role.encode(), b"scram-sha-256"
        ).decode()
        with connection.transaction():
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            connection.execute(
                sql.SQL(
                    "ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {}"
                ).format(sql.Identifier(role), sql.Literal(secret))
            )
            connection.execute(
                sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(database), sql.Identifier(role))
            )
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")


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
        if not connection.execute("SELECT 1 FROM pg_tables WHERE tablename = 'alembic_version'").fetchone():
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None
