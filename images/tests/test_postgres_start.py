"""How PostgreSQL's image starts: the official image's rules, and first starts that end too early."""

from collections.abc import Callable

import pytest

from images.tests.engine import Engine
from images.tests.postgres_store import DATA, ENVIRONMENT, HEALTH, PGDATA, lets_in, ready, sql, start

SLOW_SCRIPT = "touch /tmp/begun; run sleep 60"
WITHOUT_PASSWORD = {"POSTGRES_HOST_AUTH_METHOD": "trust", "POSTGRES_DB": "market_research", "PGDATA": PGDATA}


@pytest.fixture(scope="module")
def postgres(image: Callable[[str], str]) -> str:
    return image("postgres")


def test_both_password_and_password_file_is_an_error(engine: Engine, postgres: str) -> None:
    environment = {**ENVIRONMENT, "POSTGRES_PASSWORD": "x"}
    with engine.volume() as data, start(engine, postgres, data, "y", environment=environment) as store:
        assert store.exit_code() == 1
        assert "both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set" in store.logs()


def test_no_password_is_an_error_that_says_what_to_set(engine: Engine, postgres: str) -> None:
    with engine.volume() as data, start(engine, postgres, data, None, environment={"PGDATA": PGDATA}) as store:
        assert store.exit_code() == 1
        assert "Set POSTGRES_PASSWORD_FILE to the path of a file" in store.logs()


def test_a_password_file_that_is_not_there_is_named(engine: Engine, postgres: str) -> None:
    with engine.volume() as data, start(engine, postgres, data, None) as store:
        assert store.exit_code() == 1
        assert "POSTGRES_PASSWORD_FILE: cannot read /run/secrets/postgres_password" in store.logs()


def test_an_empty_password_file_is_named(engine: Engine, postgres: str) -> None:
    with engine.volume() as data, start(engine, postgres, data, "\n") as store:
        assert store.exit_code() == 1
        assert "/run/secrets/postgres_password is empty" in store.logs()


def test_a_folder_with_other_things_in_it_is_left_alone(engine: Engine, postgres: str) -> None:
    with engine.volume() as data:
        engine.fill(data, {"thesis.txt": "years of work"})
        environment = {**ENVIRONMENT, "PGDATA": DATA}
        with start(engine, postgres, data, "x", environment=environment, user="999:999") as store:
            assert store.exit_code() == 1
            assert "/thesis.txt and no PG_VERSION" in store.logs()
        with start(engine, postgres, data, None, command=["cat", f"{DATA}/thesis.txt"]) as store:
            store.exit_code()
            assert store.logs() == "years of work"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (["--version"], "postgres (PostgreSQL) 17."),
        (["postgres", "--help"], "postgres is the PostgreSQL server."),
        (["psql", "--version"], "psql (PostgreSQL) 17."),
        (["bash", "-c", "echo $PGDATA $LANG $(id -u)"], "/var/lib/postgresql/data en_US.utf8 999"),
    ],
)
def test_options_go_to_the_server_and_other_commands_run_as_they_are(
    engine: Engine, postgres: str, command: list[str], answer: str
) -> None:
    with engine.run(postgres, command) as once:
        assert once.exit_code() == 0
        assert once.logs().startswith(answer)


def test_the_official_names_count_and_root_gives_up_its_rights(engine: Engine, postgres: str) -> None:
    files = {"user": "ada", "database": "engine", "arguments": "--no-sync --encoding=LATIN2 --locale=C"}
    environment = {
        "POSTGRES_PASSWORD": "given openly",
        "POSTGRES_USER_FILE": "/run/secrets/user",
        "POSTGRES_DB_FILE": "/run/secrets/database",
        "POSTGRES_INITDB_ARGS_FILE": "/run/secrets/arguments",
        "POSTGRES_INITDB_WALDIR": "/tmp/wal",
        "POSTGRES_HOST_AUTH_METHOD": "md5",
    }
    with engine.volume() as data, engine.volume(files) as secrets:
        engine.fill(data, {})
        options = {"user": "0:0", "cap_add": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]}
        mounts = {secrets: {"bind": "/run/secrets", "mode": "ro"}}
        with start(engine, postgres, data, None, environment=environment, volumes=mounts, **options) as store:
            store.wait_until(lambda: store.attempt(*HEALTH)[0] == 0)
            assert sql(store, "SHOW server_encoding", user="ada", database="engine") == "LATIN2"
            server = f"/proc/$(head -n 1 {DATA}/postmaster.pid)"
            assert store.exec("sh", "-c", f"stat -c %u:%g {server}") == "999:999"
            assert store.exec("readlink", f"{DATA}/pg_wal") == "/tmp/wal"
            assert store.exec("tail", "-n", "1", f"{DATA}/pg_hba.conf") == "host all all all md5"


@pytest.mark.parametrize("data_version", ["15", "18", "9.6"])
def test_data_of_another_major_version_is_refused_before_its_rights_change(
    engine: Engine, postgres: str, data_version: str
) -> None:
    root = {"user": "0:0", "cap_add": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]}
    with engine.volume() as data:
        engine.fill(data, {"PG_VERSION": f"{data_version}\n"})
        environment = {**ENVIRONMENT, "PGDATA": DATA}
        for who in ({}, root):
            with start(engine, postgres, data, "x", environment=environment, **who) as store:
                assert store.exit_code() == 1
                (line,) = store.logs().splitlines()
            assert f"{DATA} holds data of PostgreSQL {data_version}, and this server is PostgreSQL 17" in line
            assert "Nothing was changed. Go back to the image before and type `research backup run`" in line
        with start(engine, postgres, data, None, command=["stat", "-c", "%n %u", f"{DATA}/PG_VERSION"]) as look:
            look.exit_code()
            assert look.logs() == f"{DATA}/PG_VERSION 0\n", "its owner is who it was"


def test_an_initdb_that_was_killed_is_done_again(engine: Engine, postgres: str) -> None:
    with engine.volume() as data:
        with start(engine, postgres, data, "x") as store:
            store.wait_until(lambda: store.attempt("test", "-s", f"{PGDATA}/initdb.unfinished/PG_VERSION")[0] == 0)
            store.container.kill("SIGKILL")
        with ready(engine, postgres, data, "y") as store:
            assert lets_in(store, "y")
            assert "unfinished" not in store.exec("ls", PGDATA)


def test_init_scripts_that_were_stopped_are_reported_at_the_next_start(engine: Engine, postgres: str) -> None:
    with engine.volume() as data, engine.volume({"10-slow.sh": SLOW_SCRIPT}) as scripts:
        mounts = {scripts: {"bind": "/docker-entrypoint-initdb.d", "mode": "ro"}}
        options = {"volumes": mounts, "environment": {**WITHOUT_PASSWORD, "POSTGRES_INITDB_ARGS": "--no-sync"}}
        with start(engine, postgres, data, None, **options) as store:
            store.wait_until(lambda: store.attempt("test", "-e", "/tmp/begun")[0] == 0)
            assert store.stop(within=5) == 130
            assert "database system is shut down" in store.logs()
        with start(engine, postgres, data, None, **options) as store:
            assert store.exit_code() == 1
            assert "interrupted in /docker-entrypoint-initdb.d/10-slow.sh" in store.logs()
        with start(engine, postgres, data, None, command=["cat", f"{PGDATA}/PG_VERSION"]) as look:
            assert look.exit_code() == 0, "nothing was removed"
