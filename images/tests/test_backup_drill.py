"""A drill in the product's own PostgreSQL: what was backed up passes, and one row less does not."""

import base64
from collections.abc import Callable, Iterator

import pytest

from images.tests.backup_postgres import Store, with_postgres
from images.tests.engine import Engine


@pytest.fixture
def store(engine: Engine, image: Callable[[str], str]) -> Iterator[Store]:
    with with_postgres(engine, image) as store:
        yield store


def test_a_backup_passes_the_drill_and_one_row_less_or_another_value_fails_it(
    store: Store, engine: Engine, image: Callable[[str], str]
) -> None:
    store.ask("CREATE ROLE app; GRANT SELECT ON persona TO app")
    store.stand.job("postgres", {"backup": "20261130T033000Z"}).must()
    for spoil, told in {
        None: "",
        "DELETE FROM persona WHERE id = 1000": "table public.persona checksum",
        "UPDATE persona SET weight = 0 WHERE id = 7": "table public.persona checksum",
        "DROP INDEX persona_name_idx": "indexes",
    }.items():
        store.stand.ask({"backup": "of the drill itself"})
        fetched = store.stand.run("drill", "fetch").must()
        assert fetched["report"] == {"postgres": "20261130T033000Z"}
        if spoil:
            spoilt(store, spoil)
        store.stand.script("drill-postgres.sh", image("postgres")).must()
        judged = store.stand.run("drill", "judge")
        if told:
            assert f"the drill failed, backups are not to be trusted: postgres: {told}: " in judged.complaint()
            assert judged.result["facts_equal"] is False
        else:
            assert judged.must()["facts_equal"] is True


def spoilt(store: Store, statement: str) -> None:
    """Put a dump of something a little different into the place of what was fetched."""
    store.ask("CREATE DATABASE spoilt TEMPLATE market_research")
    store.ask(statement, "spoilt")
    dump = store.server.attempt("sh", "-c", "pg_dump -Fc -U postgres -f /tmp/spoilt spoilt && base64 -w0 /tmp/spoilt")
    store.ask("DROP DATABASE spoilt")
    store.stand.put("/exchange", {"drill/postgres.dump": base64.b64decode(dump[1])})


def test_a_drill_without_a_backup_is_told(store: Store) -> None:
    assert store.stand.run("job", "check", environment={"KEEP_DAYS": "1", "KEEP_MONTHS": "1"}).code == 0
    assert "there is nothing to drill with" in store.stand.run("drill", "fetch").complaint()


def test_a_drill_whose_container_found_nothing_fails(store: Store) -> None:
    store.stand.job("postgres").must()
    store.stand.run("drill", "fetch").must()
    assert "postgres: nothing was found" in store.stand.run("drill", "judge").complaint()
