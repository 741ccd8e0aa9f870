"""A running PostgreSQL server follows the secret files of its clients."""

import time
from collections.abc import Callable, Iterator

import pytest

from images.tests.engine import Engine, Running
from images.tests.postgres_logins import FOLLOWS_WITHIN, READ_ONLY, secrets, with_logins
from images.tests.postgres_store import HEALTH, ask_as, lets_in, sql


@pytest.fixture(scope="module")
def postgres(image: Callable[[str], str]) -> str:
    return image("postgres")


@pytest.fixture(scope="module")
def filled(engine: Engine, postgres: str) -> Iterator[tuple[Running, str]]:
    """The server, and the volume of its files."""
    with with_logins(engine, postgres) as both:
        yield both


@pytest.fixture(scope="module")
def store(filled: tuple[Running, str]) -> Running:
    return filled[0]


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


def test_it_still_stops_cleanly_and_starts_again(store: Running) -> None:
    assert store.stop(within=10) == 0
    store.container.start()
    store.wait_until(lambda: store.attempt(*HEALTH)[0] == 0)
