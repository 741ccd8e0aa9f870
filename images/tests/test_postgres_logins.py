"""PostgreSQL's clients have two logins each: what they may, and what a start does about their secret files."""

from collections.abc import Callable, Iterator

import pytest

from images.tests.engine import Engine, Running
from images.tests.postgres_logins import CLIENTS, FOLLOWS_WITHIN, READ_ONLY, running, secrets, with_logins
from images.tests.postgres_store import COMMAND, ENVIRONMENT, HEALTH, ask_as, ready, sql, start


@pytest.fixture(scope="module")
def postgres(image: Callable[[str], str]) -> str:
    return image("postgres")


@pytest.fixture(scope="module")
def store(engine: Engine, postgres: str) -> Iterator[Running]:
    with with_logins(engine, postgres) as (store, _):
        yield store


def test_both_logins_of_every_client_are_let_in(store: Running) -> None:
    for client in CLIENTS:
        for slot in ("a", "b"):
            login = f"{client}_{slot}"
            assert ask_as(store, login, f"{login.replace('_', '-')}-first", "SELECT session_user") == (0, login)


@pytest.mark.parametrize("role", ["app", "api", "monitor", "backup"])
def test_the_role_behind_them_lets_nobody_in_any_more(store: Running, role: str) -> None:
    code, output = ask_as(store, role, "known", "SELECT 1")
    assert code != 0
    assert "is not permitted to log in" in output or "password authentication failed" in output, output


def test_what_one_migration_makes_belongs_to_the_next_one_with_what_was_there_before(store: Running) -> None:
    first = "CREATE TABLE made (n int); ALTER TABLE persona ADD COLUMN born date"
    assert ask_as(store, "migration_a", "migration-a-first", first)[0] == 0
    second = "ALTER TABLE made ADD COLUMN m int; DROP TABLE made; ALTER TABLE persona DROP COLUMN born"
    assert ask_as(store, "migration_b", "migration-b-first", second) == (0, "")
    assert sql(store, "SELECT name, face FROM persona") == "Ada|[1,2,3]", "data come through"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "DROP TABLE persona",
        "ALTER TABLE persona ADD COLUMN mine int",
        "TRUNCATE persona",
        "CREATE INDEX ON persona (name)",
        "CREATE EXTENSION pageinspect",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE mine",
        "ALTER ROLE api_b PASSWORD 'mine'",
        "GRANT api TO monitor",
        "SET ROLE app",
        "SET ROLE postgres",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY persona TO '/tmp/persona'",
        "COPY persona FROM PROGRAM 'id'",
        "SELECT pg_reload_conf()",
        "CHECKPOINT",
    ],
)
def test_the_api_may_not(store: Running, statement: str) -> None:
    ask_as(store, "migration_a", "migration-a-first", "GRANT SELECT, INSERT, UPDATE, DELETE ON persona TO api")
    assert ask_as(store, "api_a", "api-a-first", "UPDATE persona SET name = name") == (0, "")
    code, output = ask_as(store, "api_a", "api-a-first", statement)
    assert code != 0, output
    assert "permission denied" in output or "must be owner" in output, output


def test_migrations_are_no_superuser(store: Running) -> None:
    rights = "SELECT bool_or(rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)"
    assert sql(store, f"{rights} FROM pg_roles WHERE rolname IN ('app', 'migration_a', 'migration_b')") == "f"


def test_a_login_without_its_file_is_closed_at_the_next_start(engine: Engine, postgres: str) -> None:
    files = secrets()
    less = {name: text for name, text in files.items() if "backup" not in name and "api_b" not in name}
    with engine.volume() as data:
        with running(engine, postgres, data, files) as (store, _):
            assert store.stop() == 0
        with running(engine, postgres, data, less) as (store, _):
            closed = sql(
                store,
                "SELECT string_agg(rolname, ' ' ORDER BY 1) FROM pg_roles WHERE rolname ~ '_[ab]$' AND NOT rolcanlogin",
            )
            assert closed == "api_b backup_a backup_b"
            assert sql(store, "SELECT bool_or(rolreplication) FROM pg_roles WHERE rolname ~ '^backup'") == "f"


def test_a_password_that_cannot_be_set_at_the_start_is_in_no_log(engine: Engine, postgres: str) -> None:
    read_only = [*COMMAND, "-c", "default_transaction_read_only=on"]
    with engine.volume() as data:
        with ready(engine, postgres, data, "superuser-first") as store:
            assert store.stop() == 0
        with start(engine, postgres, data, "superuser-second", command=read_only) as store:
            assert store.exit_code() == 1
            assert READ_ONLY in store.logs()
            assert "superuser-second" not in store.logs()


def test_a_file_that_changes_during_the_start_is_followed(engine: Engine, postgres: str) -> None:
    slow = {"10-slow.sh": "let_backup_replicate() { echo the passwords are set; sleep 5; }"}
    with engine.volume() as data, engine.volume(secrets()) as files, engine.volume(slow) as scripts:
        mounts = {
            files: {"bind": "/run/secrets", "mode": "ro"},
            scripts: {"bind": "/docker-entrypoint-initdb.d", "mode": "ro"},
        }
        with start(engine, postgres, data, None, volumes=mounts) as store:
            store.wait_until(lambda: "the passwords are set" in store.logs())
            engine.fill(files, {"postgres_api_a_password": "api-a-second"})
            store.wait_until(lambda: store.attempt(*HEALTH)[0] == 0)
            store.wait_until(lambda: ask_as(store, "api_a", "api-a-second", "SELECT 1") == (0, "1"), FOLLOWS_WITHIN)


@pytest.mark.parametrize("name", ["api", "monitor_a"])
def test_a_superuser_with_a_clients_name_is_let_in_where_there_is_no_such_client(
    engine: Engine, postgres: str, name: str
) -> None:
    named = {**ENVIRONMENT, "POSTGRES_USER": name}
    with engine.volume() as data, ready(engine, postgres, data, "superuser", environment=named) as store:
        assert ask_as(store, name, "superuser", "SELECT session_user") == (0, name)


@pytest.mark.parametrize("name", ["api", "monitor_a", "app"])
def test_a_superuser_with_the_name_of_a_client_or_its_role_is_refused_before_there_are_data(
    engine: Engine, postgres: str, name: str
) -> None:
    named = {**ENVIRONMENT, "POSTGRES_USER": name}
    with engine.volume() as data, engine.volume(secrets()) as files:
        mounts = {files: {"bind": "/run/secrets", "mode": "ro"}}
        with start(engine, postgres, data, None, volumes=mounts, environment=named) as store:
            assert store.exit_code() == 1
            (line,) = store.logs().splitlines()
    assert f"POSTGRES_USER is '{name}'" in line
    assert "choose another name" in line


def test_an_empty_file_is_named_at_the_start(engine: Engine, postgres: str) -> None:
    with engine.volume() as data, engine.volume(secrets(migration_b="\n")) as files:
        mounts = {files: {"bind": "/run/secrets", "mode": "ro"}}
        with start(engine, postgres, data, None, volumes=mounts) as store:
            assert store.exit_code() == 1
            assert (
                "postgres_migration_b_password is empty; write the password of role migration_b into it" in store.logs()
            )
