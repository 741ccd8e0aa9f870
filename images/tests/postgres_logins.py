"""A PostgreSQL server whose clients have two logins each, on data of the version before them or on none."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from images.tests.engine import Engine, Running
from images.tests.postgres_store import COMMAND, ready, sql

STATISTICS = [*COMMAND, "-c", "shared_preload_libraries=pg_stat_statements", "-c", "log_min_duration_statement=0"]
CLIENTS = ("api", "migration", "monitor", "backup")
FOLLOWS_WITHIN = 15
"""Seconds until a running server has taken over what its files say."""
READ_ONLY = "cannot execute ALTER ROLE in a read-only transaction"
BEFORE = """
CREATE ROLE app LOGIN PASSWORD 'known'; ALTER DATABASE market_research OWNER TO app;
CREATE ROLE monitor LOGIN PASSWORD 'known'; GRANT pg_monitor TO monitor; ALTER ROLE monitor CONNECTION LIMIT 3;
CREATE ROLE backup LOGIN REPLICATION PASSWORD 'known'; GRANT pg_read_all_data TO backup;
CREATE EXTENSION vector;
CREATE TABLE persona (name text, face vector(3)); INSERT INTO persona VALUES ('Ada', '[1,2,3]');
ALTER TABLE persona OWNER TO app;
"""
"""What the version before two logins leaves behind."""


def secrets(**changed: str) -> dict[str, str | bytes]:
    """The secret files of every client, those changed that are named by their login."""
    logins = {f"{client}_{slot}": f"{client}-{slot}-first" for client in CLIENTS for slot in ("a", "b")}
    files = {f"postgres_{login}_password": password for login, password in {**logins, **changed}.items()}
    return {"postgres_password": "superuser-first", **files}


@contextmanager
def running(engine: Engine, image: str, data: str, files: Mapping[str, str | bytes]) -> Iterator[tuple[Running, str]]:
    """A server, and the volume of its files."""
    with engine.volume(files) as volume:
        mounts = {volume: {"bind": "/run/secrets", "mode": "ro"}}
        with ready(engine, image, data, None, command=STATISTICS, volumes=mounts) as store:
            yield store, volume


@contextmanager
def with_logins(engine: Engine, postgres: str) -> Iterator[tuple[Running, str]]:
    """A server on data that one before it has made when each client had a single login."""
    with engine.volume() as data:
        with ready(engine, postgres, data, "superuser") as store:
            for statement in filter(None, BEFORE.strip().splitlines()):
                sql(store, statement)
            assert store.stop() == 0
        with running(engine, postgres, data, secrets()) as both:
            yield both
