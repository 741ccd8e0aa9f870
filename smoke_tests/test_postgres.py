"""PostgreSQL answers by meaning: pgvector with an HNSW index, and the schema is the one the API was built for."""

from collections.abc import Iterator

import psycopg
import pytest

from smoke_tests.clients import postgres_connection
from smoke_tests.deployment import Deployment
from smoke_tests.guest import printed_in
from smoke_tests.tunnel import Tunnel

OPINIONS = 2000
NEAREST_FIVE = "SELECT id FROM smoke_opinion ORDER BY meaning <-> %s::vector LIMIT 5"


@pytest.fixture
def opinions(postgres: psycopg.Connection) -> Iterator[psycopg.Cursor]:
    """A temporary table of points on a spiral with an HNSW index, in a transaction that is taken back."""
    with postgres.transaction(force_rollback=True), postgres.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE smoke_opinion (id int PRIMARY KEY, meaning vector(3) NOT NULL)")
        cursor.execute(
            "INSERT INTO smoke_opinion SELECT n, ARRAY[cos(n / 10.0), sin(n / 10.0), n / 100.0]::vector"
            " FROM generate_series(1, %s) n",
            [OPINIONS],
        )
        cursor.execute("CREATE INDEX smoke_opinion_meaning ON smoke_opinion USING hnsw (meaning vector_l2_ops)")
        cursor.execute("ANALYZE smoke_opinion")
        yield cursor


def test_the_nearest_neighbours_of_a_vector_are_found(opinions: psycopg.Cursor) -> None:
    opinions.execute("INSERT INTO smoke_opinion VALUES (0, '[50, 50, 50]')")
    found = opinions.execute(NEAREST_FIVE, ["[49, 50, 51]"]).fetchall()
    assert len(found) == 5, "a search for five neighbours must find five"
    assert found[0] == (0,), "the nearest neighbour must come first"


def test_a_search_by_meaning_uses_the_hnsw_index(opinions: psycopg.Cursor) -> None:
    plan = "\n".join(line for (line,) in opinions.execute(f"EXPLAIN {NEAREST_FIVE}", ["[1, 0, 1]"]))
    assert "Index Scan using smoke_opinion_meaning" in plan, f"a search must not read the whole table:\n{plan}"


def test_the_migrations_are_at_the_newest_that_the_api_knows(
    deployment: Deployment, postgres: psycopg.Connection
) -> None:
    heads = printed_in(deployment.container(deployment.outputs.client), "python", "-m", "alembic", "heads")
    newest = {line.split()[0] for line in heads.splitlines() if line.endswith("(head)")}
    applied = {revision for (revision,) in postgres.execute("SELECT version_num FROM alembic_version")}
    assert applied == newest, "`pulumi up` must have run all migrations before the API started"


def test_the_application_is_no_superuser_and_owns_nothing(postgres: psycopg.Connection) -> None:
    rights = "SELECT rolsuper, rolcreaterole, rolbypassrls, rolreplication FROM pg_roles WHERE rolname = current_user"
    assert postgres.execute(rights).fetchone() == (False,) * 4, "the API must not be able to administer PostgreSQL"
    owned = (
        "SELECT count(*) FROM pg_class WHERE pg_has_role(current_user, relowner, 'MEMBER') AND NOT relpersistence = 't'"
    )
    assert postgres.execute(owned).fetchone() == (0,), "the API changes rows; tables are for migrations"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        postgres.execute("CREATE TABLE smoke_table (n int)")


def test_postgres_refuses_a_wrong_password(deployment: Deployment, tunnel: Tunnel) -> None:
    with (
        pytest.raises(psycopg.OperationalError, match="password authentication failed"),
        postgres_connection(deployment, tunnel, secret="wrong"),
    ):
        pass
