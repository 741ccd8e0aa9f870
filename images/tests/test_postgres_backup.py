"""PostgreSQL's logins of backups: they follow their files, read every row, stream the log, and have no other right."""

from collections.abc import Callable, Iterator

import pytest

from images.tests.engine import Engine, Running
from images.tests.postgres_store import PGDATA, ready_with, sql, starting_with

BACKUP = "postgres_backup_a_password"
PASSWORD = "backup's"
RULE = "host replication +backup samenet scram-sha-256"


@pytest.fixture(scope="module")
def postgres(image: Callable[[str], str]) -> str:
    return image("postgres")


@pytest.fixture(scope="module")
def data(engine: Engine, postgres: str) -> Iterator[str]:
    """Data that were made before anybody backed them up, with the application's role and a row of its own."""
    with engine.volume() as data:
        with ready_with(engine, postgres, data) as store:
            assert sql(store, "SELECT count(*) FROM pg_roles WHERE rolname = 'backup'") == "0"
            assert RULE not in store.exec("cat", f"{PGDATA}/pg_hba.conf")
            sql(store, "CREATE ROLE app LOGIN", "ALTER DATABASE market_research OWNER TO app")
            sql(store, "CREATE TABLE people (name text)", "INSERT INTO people VALUES ('Ada')", user="app")
        yield data


@pytest.fixture(scope="module")
def backed_up(engine: Engine, postgres: str, data: str) -> Iterator[Running]:
    with ready_with(engine, postgres, data, **{BACKUP: f"{PASSWORD}\n"}) as store:
        yield store


def from_network(store: Running, program: str, password: str = PASSWORD) -> tuple[int, str]:
    """Exit code and output of a client that connects as backup_a over the network."""
    environment = {"PGPASSWORD": password, "PGUSER": "backup_a"}
    return store.attempt("bash", "-c", f'export PGHOST="$(hostname -i)"; {program}', environment=environment)


def ask(store: Running, statement: str, password: str = PASSWORD) -> tuple[int, str]:
    return from_network(store, f'psql -XqAt -d market_research -c "{statement}"', password)


def test_it_dumps_rows_of_others_with_an_exported_snapshot(backed_up: Running) -> None:
    assert ask(backed_up, "SELECT name FROM people") == (0, "Ada")
    assert ask(backed_up, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT length(pg_export_snapshot()) > 0")[0] == 0
    code, dump = from_network(backed_up, "pg_dump -d market_research")
    assert (code, "COPY public.people (name) FROM stdin;\nAda" in dump) == (0, True), dump


def test_it_copies_the_cluster_and_streams_the_log_of_data_made_before(backed_up: Running) -> None:
    copied = from_network(backed_up, "pg_basebackup -D /tmp/base -X stream --checkpoint=fast && ls /tmp/base")
    assert copied[0] == 0, copied[1]
    assert "PG_VERSION" in copied[1]
    assert from_network(backed_up, "pg_verifybackup /tmp/base")[0] == 0

    received = from_network(
        backed_up, "mkdir /tmp/wal; pg_receivewal -D /tmp/wal -S backup --create-slot && ls /tmp/wal"
    )
    assert received == (0, "")
    until = "for i in {1..150}; do ls /tmp/wal/*.partial && break; sleep 0.2; done 2>/dev/null"
    code, output = from_network(backed_up, f"pg_receivewal -D /tmp/wal -S backup & {until}; kill -INT $!; wait $!")
    assert ".partial" in output, (code, output)
    assert from_network(backed_up, "pg_receivewal -S backup --drop-slot") == (0, "")


def test_nobody_else_replicates(backed_up: Running) -> None:
    stranger = from_network(backed_up, "PGUSER=app pg_basebackup -D /tmp/stolen")
    assert stranger[0] != 0
    assert "no pg_hba.conf entry for replication connection" in stranger[1]
    wrong = from_network(backed_up, "pg_basebackup -D /tmp/stolen", password="wrong")
    assert "password authentication failed" in wrong[1]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO people VALUES ('Eve')",
        "DELETE FROM people",
        "DROP TABLE people",
        "CREATE TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE other",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY people TO '/tmp/people'",
        "SELECT pg_switch_wal()",
        "SELECT pg_reload_conf()",
        "SET ROLE app",
        "CHECKPOINT",
    ],
)
def test_it_has_no_other_right(backed_up: Running, statement: str) -> None:
    code, output = ask(backed_up, statement)
    assert code != 0, output
    assert "permission denied" in output or "must be owner" in output


def test_it_holds_four_connections_at_most(backed_up: Running) -> None:
    login = 'psql -X -d market_research -c "SELECT pg_sleep(2)"'
    _, output = from_network(backed_up, f"for i in 1 2 3 4 5; do {login} & done; wait")
    assert output.count('too many connections for role "backup_a"') == 1


def test_the_password_is_in_no_environment_no_argument_and_no_log(backed_up: Running) -> None:
    found = backed_up.exec("sh", "-c", "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert PASSWORD not in found + backed_up.logs()


def test_a_new_password_and_a_missing_file_count_at_the_next_start(engine: Engine, postgres: str) -> None:
    with engine.volume() as data:
        with ready_with(engine, postgres, data, **{BACKUP: "first", "postgres_monitor_a_password": "m"}) as store:
            assert ask(store, "SELECT 1", "first") == (0, "1")
            sql(store, "ALTER ROLE backup_a CREATEDB CONNECTION LIMIT 99")
        with ready_with(engine, postgres, data, **{BACKUP: "it's \\2nd"}) as store:
            assert f'role "backup_a" now has the password of /run/secrets/{BACKUP}' in store.logs()
            assert ask(store, "SELECT 1", "it's \\2nd") == (0, "1")
            assert "password authentication failed" in ask(store, "SELECT 1", "first")[1]
            rights = "SELECT rolcreatedb, rolconnlimit, rolreplication FROM pg_roles WHERE rolname = 'backup_a'"
            assert sql(store, rights) == "f|4|t"
            rules = store.exec("cat", f"{PGDATA}/pg_hba.conf").splitlines()
            assert rules.count(RULE) == 1, "once, however often it starts"
        with ready_with(engine, postgres, data) as store:
            assert ask(store, "SELECT 1", "it's \\2nd")[0] != 0
            assert from_network(store, "pg_basebackup -D /tmp/base", "it's \\2nd")[0] != 0
            assert sql(store, "SELECT rolcanlogin, rolreplication FROM pg_roles WHERE rolname = 'backup_a'") == "f|f"
        with ready_with(engine, postgres, data, **{BACKUP: "third"}) as store:
            assert ask(store, "SELECT 1", "third") == (0, "1")


def test_an_empty_file_is_named(engine: Engine, postgres: str) -> None:
    with engine.volume() as data, starting_with(engine, postgres, data, **{BACKUP: "\n"}) as store:
        assert store.exit_code() == 1
        assert f"/run/secrets/{BACKUP} is empty; write the password of role backup_a into it" in store.logs()
