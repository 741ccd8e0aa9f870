"""A PostgreSQL with something in it, and the backup's stand beside it on one network."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from images.tests import postgres_store
from images.tests.backup_stand import DATABASE, Stand, inner_network, stand
from images.tests.engine import Engine, Running
from images.tests.postgres_store import sql

SCHEMA = """
CREATE EXTENSION vector;
CREATE TABLE alembic_version (version_num text PRIMARY KEY);
INSERT INTO alembic_version VALUES ('0007');
CREATE TABLE persona (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL,
    born timestamptz DEFAULT now(), weight float8, face vector(3));
CREATE INDEX ON persona (name);
INSERT INTO persona (name, weight, face) 
    SELECT 'żółć ' || n, n / 7.0, ARRAY[n, 0.5, 1]::vector FROM generate_series(1, 2000) n;
CREATE TABLE "Odd ""name" (body bytea);
INSERT INTO "Odd ""name" VALUES ('\\x0001ff');
"""
PASSWORDS = {"postgres_password": "superuser", "postgres_backup_a_password": "reads:all\\"}


@dataclass(frozen=True)
class Store:
    """A PostgreSQL and the backup's stand on one network."""

    stand: Stand
    server: Running

    def ask(self, statement: str, database: str = DATABASE) -> str:
        """What a statement prints."""
        return sql(self.server, statement, database=database)


@contextmanager
def with_postgres(
    engine: Engine, image: Callable[[str], str], schema: str = SCHEMA, more: Sequence[str] = ()
) -> Iterator[Store]:
    """A fresh PostgreSQL that knows the login `backup_a`, and a stand with `more` volumes."""
    with ExitStack() as stack:
        network = stack.enter_context(inner_network(engine))
        data = stack.enter_context(engine.volume())
        secrets = {stack.enter_context(engine.volume(PASSWORDS)): {"bind": "/run/secrets", "mode": "ro"}}
        ready = postgres_store.ready(engine, image("postgres"), data, None, network=network, volumes=secrets)
        server = stack.enter_context(ready)
        sql(server, schema)
        address = f"{server.container.name}:5432"
        environment = {"POSTGRES_ADDRESS": address, "POSTGRES_DATABASE": DATABASE, "POSTGRES_LOGIN": "backup_a"}
        made = stand(engine, image("backup"), more, environment=environment, network=network)
        yield Store(stack.enter_context(made), server)
