"""PostgreSQL's major upgrade: what version 15 held is backed up, and restored into the version of images/postgres."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest

from images.tests import postgres_store
from images.tests.backup_stand import DATABASE, Stand, inner_network, stand
from images.tests.engine import Engine, Running
from images.tests.postgres_store import DATA, PGDATA, sql

BEFORE, NOW = "15", "17"
ASIDE = f"{PGDATA}-{BEFORE}"
BACKUP = "20261130T033000Z"
START = """
[ -s "$PGDATA/PG_VERSION" ] || {
    initdb --username=postgres --auth=trust --encoding=UTF8 --data-checksums --no-sync --no-instructions
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
}
exec postgres -c listen_addresses='*' -c shared_buffers=32MB -c fsync=off
"""
# As images/postgres makes it from its secret file.
BACKUP_ROLE = r"""
CREATE ROLE backup LOGIN REPLICATION PASSWORD 'reads:all\';
GRANT pg_read_all_data TO backup;
"""
# As the migration makes it; the other roles are made by hand, and no new stack has them.
APP_ROLE = f"CREATE ROLE app LOGIN; ALTER DATABASE {DATABASE} OWNER TO app"
SCHEMA = """
CREATE ROLE analyst LOGIN;
CREATE ROLE archivist;
CREATE EXTENSION vector;
CREATE EXTENSION pg_stat_statements;
CREATE SCHEMA archive AUTHORIZATION archivist;
CREATE TABLE archive.page (number int PRIMARY KEY, body bytea, read_at tstzrange);
ALTER TABLE archive.page OWNER TO archivist;
INSERT INTO archive.page
    SELECT n, sha256(n::text::bytea), tstzrange('2026-03-29 00:30+00', NULL) FROM generate_series(1, 50) n;
SET ROLE app;
CREATE TABLE alembic_version (version_num text PRIMARY KEY);
INSERT INTO alembic_version VALUES ('0007');
CREATE SEQUENCE ticket INCREMENT 3;
SELECT setval('ticket', 41);
CREATE TABLE persona (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE,
    born timestamptz NOT NULL, weight float8 CHECK (weight > 0), paid numeric(12, 4), profile jsonb, tags text[],
    lasts interval, face vector(3), length int GENERATED ALWAYS AS (length(name)) STORED);
INSERT INTO persona (name, born, weight, paid, profile, tags, lasts, face)
    SELECT 'żółć ' || n, timestamptz '1899-12-31 23:59:59.123456+01' + n * interval '7 days 11:00', n / 7.0, n / 3.0,
        jsonb_build_object('n', n, 'of', ARRAY[n, NULL]), ARRAY['a', NULL, 'ł"' || n], n * interval '1 month 3:02:01.5',
        ARRAY[n, 0.1, 1e-7 * n]::vector FROM generate_series(1, 500) n;
CREATE INDEX persona_face ON persona USING hnsw (face vector_l2_ops);
CREATE INDEX persona_born ON persona (born DESC) WHERE weight > 1;
CREATE TABLE answer (persona bigint REFERENCES persona, given date NOT NULL, said text) PARTITION BY RANGE (given);
CREATE TABLE answer_2026 PARTITION OF answer FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO answer SELECT n, date '2026-01-01' + n, repeat('so ', n) FROM generate_series(1, 300) n;
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.said := upper(NEW.said); RETURN NEW; END';
CREATE TRIGGER loud BEFORE INSERT ON answer FOR EACH ROW EXECUTE FUNCTION shout();
CREATE VIEW talkative AS SELECT persona, length(said) FROM answer WHERE length(said) > 100;
CREATE MATERIALIZED VIEW spoken AS SELECT count(*) FROM answer;
GRANT SELECT ON persona, talkative TO analyst;
"""
# Nothing of an older version of an extension but this row would be dumped.
OLDER_EXTENSION = """
RESET ROLE;
SET allow_system_table_mods = on;
UPDATE pg_extension SET extversion = '0.4.4' WHERE extname = 'vector';
"""
ASKED = {
    "rows": "SELECT * FROM persona",
    "neighbours": "SELECT id, face <-> '[3, 1, 1]' FROM persona ORDER BY 2 LIMIT 5",
    "pages": "SELECT * FROM archive.page",
    "answers": "SELECT tableoid::regclass, * FROM answer",
    "views": "SELECT count(*), sum(length) FROM talkative, spoken",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'archive')",
    "owners": "SELECT oid::regclass::text, relkind::text, relowner::regrole FROM pg_class WHERE relnamespace IN"
    " ('public'::regnamespace, 'archive'::regnamespace) AND relname !~ '^pg_'"
    " UNION ALL SELECT nspname, 'schema', nspowner::regrole FROM pg_namespace WHERE nspname = 'archive'"
    " UNION ALL SELECT datname, 'database', datdba::regrole FROM pg_database WHERE datname = current_database()"
    " UNION ALL SELECT proname, 'function', proowner::regrole FROM pg_proc WHERE proname = 'shout'",
    # An owner has rights that the version before does not know.
    "rights": "SELECT oid::regclass, grantee::regrole, privilege_type FROM pg_class, aclexplode(relacl)"
    " WHERE relowner::regrole = 'app'::regrole AND grantee <> relowner",
    "sequence": "SELECT last_value, is_called FROM ticket",
}


@dataclass(frozen=True)
class Upgraded:
    """What a server of the version before left in ASIDE of `data`, and a server of this version that has its backup."""

    data: str
    facts: dict[str, Any]
    told: dict[str, list[str]]
    """What the server of the version before answered to ASKED."""
    result: dict[str, Any]
    server: Running
    stand: Stand

    def ask(self, statement: str) -> str:
        return sql(self.server, statement)


@pytest.fixture(scope="module")
def upgraded(engine: Engine, image: Callable[[str], str]) -> Iterator[Upgraded]:
    with ExitStack() as stack:
        network = stack.enter_context(inner_network(engine))
        data = stack.enter_context(engine.volume())
        jobs = stack.enter_context(stand(engine, image("backup"), network=network))
        options: dict[str, Any] = {"command": ["sh", "-c", START], "network": network}
        with postgres_store.ready(engine, image("tests/postgres_15"), data, None, **options) as before:
            assert sql(before, "SHOW server_version", database="postgres").startswith(f"{BEFORE}.")
            sql(before, f"CREATE DATABASE {DATABASE}", BACKUP_ROLE, APP_ROLE, database="postgres")
            sql(before, SCHEMA, OLDER_EXTENSION)
            told = answers(before)
            of_before = beside(jobs, before)
            of_before.job("postgres", {"backup": BACKUP}).must()
            facts = of_before.manifest(BACKUP, "postgres")["facts"]
            assert before.stop() == 0
        # As docs/upgrade.md has it.
        in_volume(engine, data, f"mv {PGDATA} {ASIDE}")
        server = stack.enter_context(
            postgres_store.ready(engine, image("postgres"), data, "superuser", network=network)
        )
        sql(server, BACKUP_ROLE, APP_ROLE)
        of_now = beside(jobs, server)
        result = of_now.restore("postgres", {"backup": BACKUP}).must()
        yield Upgraded(data, facts, told, result, server, of_now)


def answers(server: Running) -> dict[str, list[str]]:
    """What a server answers to ASKED, whatever its collation."""
    return {what: sorted(sql(server, query).splitlines()) for what, query in ASKED.items()}


def beside(jobs: Stand, server: Running) -> Stand:
    """The stand, whose jobs go to this server."""
    there = {
        "POSTGRES_ADDRESS": f"{server.container.name}:5432",
        "POSTGRES_DATABASE": DATABASE,
        "POSTGRES_LOGIN": "backup",
    }
    return replace(jobs, environment=there)


def test_what_the_version_before_held_is_there_value_by_value(upgraded: Upgraded) -> None:
    assert upgraded.ask("SHOW server_version").startswith(f"{NOW}.")
    assert upgraded.result["facts_equal"] is True
    assert answers(upgraded.server) == upgraded.told


def test_the_next_backup_has_the_same_facts(upgraded: Upgraded) -> None:
    next_backup = "20261201T033000Z"
    upgraded.stand.job("postgres", {"backup": next_backup}).must()
    assert upgraded.stand.manifest(next_backup, "postgres")["facts"] == upgraded.facts
    assert upgraded.facts["table public.persona rows"] == "500"
    assert upgraded.facts["extension vector"] == "there"


def test_extensions_are_of_the_version_that_comes_with_the_server(upgraded: Upgraded) -> None:
    there = upgraded.ask(
        "SELECT count(*) FROM pg_extension JOIN pg_available_extensions ON name = extname"
        " WHERE extversion = default_version AND extname IN ('vector', 'pg_stat_statements')"
    )
    assert there == "2"


def test_sequences_go_on_where_they_were(upgraded: Upgraded) -> None:
    added = "INSERT INTO persona (name, born, weight) VALUES ('new', now(), 1) RETURNING id"
    # Rolled back, so that the rows stay as they were for the other tests.
    told = sql(upgraded.server, "BEGIN", added, "SELECT nextval('ticket')", "ROLLBACK")
    assert told.splitlines() == ["501", "44"]


def test_roles_that_the_new_server_did_not_have_are_made_and_nobody_gets_in_with_them(upgraded: Upgraded) -> None:
    roles = upgraded.ask(
        "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname IN ('analyst', 'archivist', 'app') ORDER BY 1"
    )
    assert roles.splitlines() == ["analyst|f", "app|t", "archivist|f"]


def test_a_start_on_data_of_the_version_before_is_refused_and_changes_nothing(
    upgraded: Upgraded, engine: Engine, image: Callable[[str], str]
) -> None:
    files = (
        "find . -printf '%P %s %U:%G %m %C@\\n' | sort"  # size, owner, mode, and when anything of it was last changed
    )
    before = in_volume(engine, upgraded.data, f"cd {ASIDE}; {files}")
    assert "global/pg_control" in before
    there = {"environment": {**postgres_store.ENVIRONMENT, "PGDATA": ASIDE}}
    with postgres_store.start(engine, image("postgres"), upgraded.data, "superuser", **there) as refused:
        assert refused.exit_code() == 1
        (line,) = refused.logs().splitlines()
    assert f"{ASIDE} holds data of PostgreSQL {BEFORE}, and this server is PostgreSQL {NOW}" in line
    assert "Nothing was changed. Go back to the image before and type `research backup run`" in line
    assert "docs/upgrade.md" in line
    assert in_volume(engine, upgraded.data, f"cd {ASIDE}; {files}") == before


def test_the_way_back_is_what_was_set_aside(upgraded: Upgraded, engine: Engine, image: Callable[[str], str]) -> None:
    there = {"environment": {"PGDATA": ASIDE}, "command": ["sh", "-c", START]}
    with postgres_store.ready(engine, image("tests/postgres_15"), upgraded.data, None, **there) as back:
        assert answers(back) == upgraded.told


def in_volume(engine: Engine, volume: str, script: str) -> str:
    """What a script of the data's owner prints in a volume."""
    options: dict[str, Any] = {"user": "999:999", "volumes": {volume: {"bind": DATA, "mode": "rw"}}, "network": "none"}
    with engine.run("debian:trixie-slim", ["sh", "-ec", script], **options) as done:
        assert done.exit_code() == 0, done.logs()
        return done.logs()
