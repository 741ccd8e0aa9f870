"""How PostgreSQL's image starts on data it has: rows stay, and the superuser's password follows the file."""

from collections.abc import Callable, Iterator

import pytest

from images.tests.engine import Engine
from images.tests.postgres_store import HEALTH, PGDATA, lets_in, ready, sql, start


@pytest.fixture(scope="module")
def postgres(image: Callable[[str], str]) -> str:
    return image("postgres")


@pytest.fixture(scope="module")
def data(engine: Engine, postgres: str) -> Iterator[str]:
    """A data volume with one row in it, whose server was killed; its password is of no matter to the next start."""
    with engine.volume() as data:
        with ready(engine, postgres, data, "it's the 1st") as store:
            assert lets_in(store, "it's the 1st")
            sql(store, "CREATE TABLE people (name text)", "INSERT INTO people VALUES ('Ada')")
            store.container.kill("SIGKILL")
        yield data


def test_after_a_crash_the_rows_are_there_and_the_new_password_counts(engine: Engine, postgres: str, data: str) -> None:
    with ready(engine, postgres, data, "2nd\\$$;") as store:
        assert "was not properly shut down" in store.logs()
        assert sql(store, "SELECT name FROM people") == "Ada"
        assert "now has the password" in store.logs()
        assert lets_in(store, "2nd\\$$;")
        assert not lets_in(store, "it's the 1st"), "the old password is refused"


def test_the_file_counts_and_not_what_was_set_by_hand(engine: Engine, postgres: str, data: str) -> None:
    with ready(engine, postgres, data, "of the file") as store:
        sql(store, "ALTER ROLE postgres PASSWORD 'by hand'")
        assert lets_in(store, "by hand")
        store.container.restart(timeout=30)
        store.wait_until(lambda: store.attempt(*HEALTH)[0] == 0)
        assert lets_in(store, "of the file")


@pytest.mark.parametrize("password", ["short", "x" * 65, "zażółć gęślą"])
def test_a_password_that_is_the_same_is_left_as_it_is(engine: Engine, postgres: str, data: str, password: str) -> None:
    stored = "SELECT rolpassword FROM pg_authid WHERE rolname = 'postgres'"
    with ready(engine, postgres, data, password) as store:
        before = sql(store, stored)
        assert store.stop() == 0
        store.container.start()
        store.wait_until(lambda: store.attempt(*HEALTH)[0] == 0)
        assert sql(store, stored) == before


def test_the_stop_signal_ends_it_cleanly_within_seconds(engine: Engine, postgres: str, data: str) -> None:
    with ready(engine, postgres, data, "any") as store:
        session = store.container.client.api.exec_create(  # type: ignore[union-attr]
            store.container.id, ["psql", "-U", "postgres", "-c", "SELECT pg_sleep(60)"]
        )
        store.container.client.api.exec_start(session["Id"], detach=True)  # type: ignore[union-attr]
        assert store.stop(within=5) == 0
        assert "database system is shut down" in store.logs().splitlines()[-1]


def test_a_role_that_the_data_does_not_know_is_an_error(engine: Engine, postgres: str, data: str) -> None:
    environment = {"POSTGRES_PASSWORD_FILE": "/run/secrets/postgres_password", "POSTGRES_USER": "ada", "PGDATA": PGDATA}
    with start(engine, postgres, data, "secret", environment=environment) as store:
        assert store.exit_code() == 1
        assert 'no role "ada": set POSTGRES_USER to the one that it was made with' in store.logs()
        assert "secret'" not in store.logs()


def test_a_password_given_openly_is_for_the_first_start_alone(engine: Engine, postgres: str, data: str) -> None:
    with ready(engine, postgres, data, "of the file"):
        pass
    environment = {"POSTGRES_PASSWORD": "another", "PGDATA": PGDATA}
    with ready(engine, postgres, data, None, environment=environment) as store:
        assert lets_in(store, "of the file")


def test_a_first_start_that_was_killed_while_it_moved_its_files_goes_on(
    engine: Engine, postgres: str, data: str
) -> None:
    interrupted = 'cd "$PGDATA" && mkdir initdb.finished && mv PG_VERSION base pg_hba.conf initdb.finished/'
    with start(engine, postgres, data, "x", command=["bash", "-c", interrupted]) as store:
        assert store.exit_code() == 0
    with ready(engine, postgres, data, "x") as store:
        assert sql(store, "SELECT name FROM people") == "Ada"


def test_data_without_its_control_file_is_reported_and_left_alone(engine: Engine, postgres: str) -> None:
    with engine.volume() as data:
        with start(
            engine, postgres, data, None, command=["sh", "-c", 'mkdir "$PGDATA"; echo 17 > "$PGDATA/PG_VERSION"']
        ) as damage:
            assert damage.exit_code() == 0
        with start(engine, postgres, data, "x") as store:
            assert store.exit_code() == 1
            assert "it is not a complete data folder" in store.logs()
