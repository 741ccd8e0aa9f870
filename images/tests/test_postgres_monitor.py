"""PostgreSQL's logins of monitoring: they follow their files, see statistics, and have no other right."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from images.tests.engine import Engine, Running
from images.tests.postgres_store import COMMAND, ready_with, sql, starting_with

MONITOR = "postgres_monitor_a_password"
STATISTICS = [*COMMAND, "-c", "shared_preload_libraries=pg_stat_statements"]
starting, ready = (partial(way, command=STATISTICS) for way in (starting_with, ready_with))


@pytest.fixture(scope="module")
def postgres(image: Callable[[str], str]) -> str:
    return image("postgres")


@pytest.fixture(scope="module")
def data(engine: Engine, postgres: str) -> Iterator[str]:
    """Data that were made before anybody monitored them, with the application's role and a row of its own."""
    with engine.volume() as data:
        with ready(engine, postgres, data) as store:
            assert sql(store, "SELECT count(*) FROM pg_roles WHERE rolname = 'monitor'") == "0"
            sql(store, "CREATE ROLE app LOGIN", "ALTER DATABASE market_research OWNER TO app")
            sql(store, "CREATE TABLE people (name text)", "INSERT INTO people VALUES ('Ada')", user="app")
        yield data


def ask(store: Running, statement: str, password: str = "monitor's") -> tuple[int, str]:
    """What the role is answered over the network."""
    command = f'psql -XqAt -h "$(hostname -i)" -U monitor_a -d market_research -c "{statement}"'
    return store.attempt("sh", "-c", command, environment={"PGPASSWORD": password})


def test_it_sees_the_statistics_of_everybody(engine: Engine, postgres: str, data: str) -> None:
    with ready(engine, postgres, data, **{MONITOR: "monitor's\n"}) as store:
        sql(store, "SELECT name FROM people", user="app")
        seen = ask(store, "SELECT count(*) FROM pg_stat_statements WHERE query = 'SELECT name FROM people'")
        assert seen == (0, "1")
        assert ask(store, "SHOW hba_file")[1].endswith("pg_hba.conf")
        assert ask(store, "SELECT count(*) > 0 FROM pg_ls_waldir()") == (0, "t")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM people",
        "CREATE TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE other",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_switch_wal()",
        "SELECT pg_reload_conf()",
        "SET ROLE app",
        "CHECKPOINT",
    ],
)
def test_it_has_no_other_right(monitored: Running, statement: str) -> None:
    code, output = ask(monitored, statement)
    assert code != 0, output
    assert "permission denied" in output


@pytest.fixture(scope="module")
def monitored(engine: Engine, postgres: str, data: str) -> Iterator[Running]:
    with ready(engine, postgres, data, **{MONITOR: "monitor's"}) as store:
        yield store


def test_it_holds_three_connections_at_most(monitored: Running) -> None:
    login = 'psql -X -h "$(hostname -i)" -U monitor_a -d market_research'
    command = f'for i in 1 2 3 4; do {login} -c "SELECT pg_sleep(2)" & done; wait'
    output = monitored.exec("sh", "-c", command, environment={"PGPASSWORD": "monitor's"})
    assert output.count('too many connections for role "monitor_a"') == 1


def test_the_password_is_in_no_environment_no_argument_and_no_log(monitored: Running) -> None:
    found = monitored.exec("sh", "-c", "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert "monitor's" not in found + monitored.logs()


def test_a_new_password_and_a_missing_file_count_at_the_next_start(engine: Engine, postgres: str) -> None:
    with engine.volume() as data:
        with ready(engine, postgres, data, **{MONITOR: "first"}) as store:
            assert ask(store, "SELECT 1", "first") == (0, "1")
            sql(store, "ALTER ROLE monitor_a CREATEDB CONNECTION LIMIT 99")
        with ready(engine, postgres, data, **{MONITOR: "it's \\2nd"}) as store:
            assert 'role "monitor_a" now has the password of /run/secrets/postgres_monitor_a_password' in store.logs()
            assert ask(store, "SELECT 1", "it's \\2nd") == (0, "1")
            assert "password authentication failed" in ask(store, "SELECT 1", "first")[1]
            limits = sql(store, "SELECT rolcreatedb, rolconnlimit FROM pg_roles WHERE rolname = 'monitor_a'")
            assert limits == "f|3"
        with ready(engine, postgres, data) as store:
            assert ask(store, "SELECT 1", "it's \\2nd")[0] != 0
            assert sql(store, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'monitor_a'") == "f"
        with ready(engine, postgres, data, **{MONITOR: "third"}) as store:
            assert ask(store, "SELECT 1", "third") == (0, "1")


def test_an_empty_file_is_named(engine: Engine, postgres: str) -> None:
    with engine.volume() as data, starting(engine, postgres, data, **{MONITOR: "\n"}) as store:
        assert store.exit_code() == 1
        assert f"/run/secrets/{MONITOR} is empty; write the password of role monitor_a into it" in store.logs()


def test_a_store_without_the_database_starts_all_the_same(engine: Engine, postgres: str) -> None:
    with engine.volume() as data:
        with ready(engine, postgres, data) as store:
            sql(store, "DROP DATABASE market_research", database="postgres")
        with starting(engine, postgres, data, **{MONITOR: "x"}) as store:
            store.wait_until(lambda: store.attempt("pg_isready", "-q", "-h", "127.0.0.1")[0] == 0)
            assert "database market_research has no pg_stat_statements" in store.logs()
