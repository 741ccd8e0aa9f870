"""PostgreSQL's clients have two logins each: what they may, and how a running server follows their secret files."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest

from images.tests.engine import Engine, Running
from images.tests.postgres_store import COMMAND, ENVIRONMENT, HEALTH, ask_as, lets_in, ready, sql, start

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


@pytest.fixture(scope="module")
def postgres(image: Callable[[str], str]) -> str:
    return image("postgres")


@contextmanager
def running(engine: Engine, image: str, data: str, files: Mapping[str, str | bytes]) -> Iterator[tuple[Running, str]]:
    """A server, and the volume of its files."""
    with engine.volume(files) as volume:
        mounts = {volume: {"bind": "/run/secrets", "mode": "ro"}}
        with ready(engine, image, data, None, command=STATISTICS, volumes=mounts) as store:
            yield store, volume


@pytest.fixture(scope="module")
def filled(engine: Engine, postgres: str) -> Iterator[tuple[Running, str]]:
    """A server on data that one before it has made when each client had a single login."""
    with engine.volume() as data:
        with ready(engine, postgres, data, "superuser") as store:
            for statement in filter(None, BEFORE.strip().splitlines()):
                sql(store, statement)
            assert store.stop() == 0
        with running(engine, postgres, data, secrets()) as both:
            yield both


@pytest.fixture(scope="module")
def store(filled: tuple[Running, str]) -> Running:
    return filled[0]


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


def test_the_running_server_takes_over_a_changed_file_and_ends_who_came_in_before(
    engine: Engine, filled: tuple[Running, str]
) -> None:
    store, volume = filled
    started = sql(store, "SELECT pg_postmaster_start_time()")
    kept, ended = (session(store, f"api_{slot}", f"api-{slot}-first") for slot in ("b", "a"))
    engine.fill(volume, secrets(api_a="api-a-second"))
    seconds = store.wait_until(lambda: ask_as(store, "api_a", "api-a-second", "SELECT 1") == (0, "1"), FOLLOWS_WITHIN)
    print(f"\nfollowed after {seconds:.1f} s")  # noqa: T201 - a figure of the README
    refused = ask_as(store, "api_a", "api-a-first", "SELECT 1")
    assert refused[0] != 0
    assert "password authentication failed" in refused[1]
    store.wait_until(lambda: sessions(store, ended) == "0", FOLLOWS_WITHIN)
    assert sessions(store, kept) == "1", "who uses the other login is not disturbed"
    assert ask_as(store, "api_b", "api-b-first", "SELECT 1") == (0, "1")
    assert sql(store, "SELECT pg_postmaster_start_time()") == started
    assert 'role "api_a" now has the password of /run/secrets/postgres_api_a_password' in store.logs()


def session(store: Running, login: str, password: str) -> str:
    """Open a session that lasts; its name."""
    name = f"lasting-{login}"
    command = f'PGAPPNAME={name} psql -X -h "$(hostname -i)" -U {login} -d market_research -c "SELECT pg_sleep(300)"'
    store.container.exec_run(["sh", "-c", command], environment={"PGPASSWORD": password}, detach=True)
    store.wait_until(lambda: sessions(store, name) == "1")
    return name


def sessions(store: Running, name: str) -> str:
    return sql(store, f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'")


def test_the_superusers_password_is_followed_too(engine: Engine, filled: tuple[Running, str]) -> None:
    store, volume = filled
    engine.fill(volume, {"postgres_password": "superuser-second"})
    store.wait_until(lambda: lets_in(store, "superuser-second"), FOLLOWS_WITHIN)
    assert not lets_in(store, "superuser-first")


def test_a_password_that_cannot_be_set_is_in_no_log_and_is_set_when_it_can(
    engine: Engine, filled: tuple[Running, str]
) -> None:
    store, volume = filled
    sql(store, "ALTER ROLE postgres SET default_transaction_read_only = on")
    engine.fill(volume, {"postgres_password": "superuser-third"})
    store.wait_until(lambda: READ_ONLY in store.logs(), FOLLOWS_WITHIN)
    sql(store, "SET default_transaction_read_only = off", "ALTER ROLE postgres RESET default_transaction_read_only")
    store.wait_until(lambda: lets_in(store, "superuser-third"), FOLLOWS_WITHIN)
    assert "superuser-third" not in store.logs()


def test_sessions_that_could_not_be_ended_with_their_password_are_ended_later(
    engine: Engine, filled: tuple[Running, str]
) -> None:
    store, volume = filled
    lasting = session(store, "monitor_a", "monitor-a-first")
    sql(
        store,
        "CREATE SCHEMA broken",
        "CREATE VIEW broken.pg_stat_activity AS SELECT pid, usename FROM pg_catalog.pg_stat_activity WHERE pid / 0 > 1",
        "ALTER ROLE postgres IN DATABASE postgres SET search_path = broken, pg_catalog",
        database="postgres",
    )
    engine.fill(volume, {"postgres_monitor_a_password": "monitor-a-second"})
    store.wait_until(lambda: "division by zero" in store.logs(), FOLLOWS_WITHIN)
    assert ask_as(store, "monitor_a", "monitor-a-second", "SELECT 1") == (0, "1")
    assert sessions(store, lasting) == "1"
    sql(
        store,
        "ALTER ROLE postgres IN DATABASE postgres RESET search_path",
        "DROP SCHEMA broken CASCADE",
        database="postgres",
    )
    store.wait_until(lambda: sessions(store, lasting) == "0", FOLLOWS_WITHIN)


def test_a_file_that_is_empty_for_a_moment_changes_nothing(engine: Engine, filled: tuple[Running, str]) -> None:
    store, volume = filled
    engine.fill(volume, {"postgres_api_b_password": ""})
    said = "postgres_api_b_password is empty; write the password of role api_b into it"
    store.wait_until(lambda: said in store.logs(), FOLLOWS_WITHIN)
    assert ask_as(store, "api_b", "api-b-first", "SELECT 1") == (0, "1")
    engine.fill(volume, {"postgres_api_b_password": "api-b-second"})
    store.wait_until(lambda: ask_as(store, "api_b", "api-b-second", "SELECT 1") == (0, "1"), FOLLOWS_WITHIN)


def test_no_password_is_in_a_log_an_environment_an_argument_or_a_statistic(store: Running) -> None:
    found = store.exec("sh", "-c", "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' ' '")
    statements = sql(store, "SELECT query FROM pg_stat_statements")
    for password in ("-first", "-second", "-third"):
        assert password not in found + store.logs() + statements


def test_the_death_of_who_follows_the_files_is_no_crash_of_the_server(store: Running) -> None:
    before = sql(store, "SELECT pg_postmaster_start_time()")
    lasting = session(store, "api_b", "api-b-second")
    follower = "for p in /proc/[0-9]*; do echo $p $(tr '\\0' ' ' <$p/cmdline); done"
    told = store.exec("sh", "-c", follower)
    scripts = [line.split()[0] for line in told.splitlines() if "bash" in line and "docker-entrypoint.sh" in line]
    (number,) = {process.rpartition("/")[2] for process in scripts if process != "/proc/1"}
    store.exec("kill", "-KILL", number)
    time.sleep(1)
    assert sessions(store, lasting) == "1"
    assert sql(store, "SELECT pg_postmaster_start_time()") == before


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


def test_it_still_stops_cleanly_and_starts_again(store: Running) -> None:
    assert store.stop(within=10) == 0
    store.container.start()
    store.wait_until(lambda: store.attempt(*HEALTH)[0] == 0)
