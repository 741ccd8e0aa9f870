"""The migration job against the real stores."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from images.tests.api_stand import NOWHERE, PASSWORD, SECRETS, Stand
from images.tests.api_stores import empty_stand, with_postgres
from images.tests.engine import Engine, Running
from images.tests.postgres_store import sql

AT_ONCE = ("--patience", "0")


@pytest.fixture(scope="module")
def stand(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    """A PostgreSQL that no migration has seen yet."""
    with ExitStack() as stack:
        empty = stack.enter_context(empty_stand(engine, image("api")))
        yield stack.enter_context(with_postgres(empty, image("postgres")))


@pytest.fixture(scope="module")
def first_two(stand: Stand) -> list[list[str]]:
    """The logs of two jobs that started together on the fresh store."""
    with ThreadPoolExecutor(2) as both:
        jobs = [both.submit(stand.migrate, *AT_ONCE) for _ in range(2)]
        return [job.result()[1] for job in jobs]


def ask(stand: Stand, statement: str, user: str = "postgres") -> str:
    return sql(Running(stand.engine.client.containers.get(stand.postgres)), statement, user=user)


def test_of_two_jobs_at_once_one_migrates_and_the_other_finds_it_done(first_two: list[list[str]]) -> None:
    done = sorted(log[0] for log in first_two)
    assert done == [
        "migrate: postgres schema: 0001, 0002, 0003 applied",
        "migrate: postgres schema: already at 0003",
    ]


@pytest.mark.usefixtures("first_two")
def test_a_store_that_stays_away_is_one_line_at_the_end(stand: Stand) -> None:
    code, log = stand.migrate(*AT_ONCE)
    assert code == 1
    assert log[0] == "migrate: postgres schema: already at 0003"
    assert len(log) == 2
    assert log[1].startswith("migrate: neo4j constraints: ")
    assert NOWHERE in log[1]


@pytest.mark.usefixtures("first_two")
def test_migrations_own_the_database_and_all_that_is_in_it(stand: Stand) -> None:
    assert ask(stand, "SELECT datdba::regrole FROM pg_database WHERE datname = 'market_research'") == "app"
    assert ask(stand, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == "app"


@pytest.mark.usefixtures("first_two")
@pytest.mark.parametrize("right", ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"])
def test_the_api_reads_and_writes_the_rows_of_every_table_and_does_nothing_else_with_them(
    stand: Stand, right: str
) -> None:
    tables = "FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    may = f"SELECT DISTINCT has_table_privilege('api_a', quote_ident(tablename), '{right}') {tables}"
    assert ask(stand, may) == ("t" if right in ("SELECT", "INSERT", "UPDATE", "DELETE") else "f")
    if right != "SELECT":
        assert ask(stand, f"SELECT has_table_privilege('api_a', 'alembic_version', '{right}')") == "f"


@pytest.mark.usefixtures("first_two")
@pytest.mark.parametrize("change", ["downgrade -1", "stamp base"])
def test_the_api_cannot_migrate(stand: Stand, change: str) -> None:
    with stand.run(["alembic", *change.split()]) as job:
        assert job.exit_code() == 1
        assert "permission denied" in job.logs() or "must be owner" in job.logs()


@pytest.mark.usefixtures("first_two")
def test_the_schema_can_be_taken_back_and_put_on_again_by_alembic(stand: Stand) -> None:
    stand.migrate(*AT_ONCE)
    for command, tables in ((["downgrade", "base"], "1"), (["upgrade", "head"], "11")):
        with stand.run(["alembic", *command], extra=stand.migrating) as alembic:
            assert alembic.exit_code() == 0, alembic.logs()
        assert ask(stand, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == tables


@pytest.mark.usefixtures("first_two")
def test_a_newer_database_is_left_as_it_is(stand: Stand) -> None:
    ask(stand, "UPDATE alembic_version SET version_num = '9999'")
    try:
        _, log = stand.migrate(*AT_ONCE)
    finally:
        ask(stand, "UPDATE alembic_version SET version_num = '0003'")
    assert log[0] == ("migrate: postgres schema: the database is at 9999, ahead of this version's 0003: left as it is")


def test_a_wrong_password_is_one_line_that_does_not_repeat_it(stand: Stand) -> None:
    wrong = {**SECRETS, "postgres_password": "battery-staple"}
    code, log = stand.migrate(*AT_ONCE, secrets=wrong)
    assert code == 1
    assert len(log) == 1
    assert log[0].startswith("migrate: postgres schema: ")
    assert "which did not take over its own" in log[0]
    assert "battery-staple" not in log[0]
    assert PASSWORD not in log[0]
