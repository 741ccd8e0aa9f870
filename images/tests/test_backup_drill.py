"""A drill in the product's own PostgreSQL: what was backed up passes, and one row less does not."""

from collections.abc import Callable, Iterator

import pytest

from images.tests.backup_postgres import Store, with_postgres
from images.tests.backup_stand import Stand
from images.tests.engine import Engine

DRILL = r"""
set -eu
export PGDATA=/tmp/pgdata PGHOST=/tmp
initdb --username=postgres --auth=trust --no-sync --no-instructions >/dev/null
options="-c listen_addresses= -c unix_socket_directories=/tmp -c fsync=off"
pg_ctl --silent --wait --log=/tmp/log --options="$options" start
cd /exchange/drill/postgres
psql -XqU postgres -v ON_ERROR_STOP=1 -f roles.sql postgres
createdb --username=postgres market_research
pg_restore --exit-on-error --username=postgres --dbname=market_research market_research.dump
psql -XqU postgres -v ON_ERROR_STOP=1 -c "$SPOIL" market_research
psql -XqAtU postgres -v ON_ERROR_STOP=1 -F "$(printf '\t')" -f facts.sql -o facts.tsv market_research
"""


@pytest.fixture
def store(engine: Engine, image: Callable[[str], str]) -> Iterator[Store]:
    with with_postgres(engine, image) as store:
        yield store


def drilled(engine: Engine, image: str, stand: Stand, spoil: str = "SELECT") -> None:
    mounts = {stand.volumes["/exchange"]: {"bind": "/exchange", "mode": "rw"}}
    options = {"volumes": mounts, "tmpfs": {"/tmp": ""}, "user": "999:999", "environment": {"SPOIL": spoil}}
    with engine.run(image, ["bash", "-c", DRILL], entrypoint=[], network="none", **options) as running:
        assert running.exit_code() == 0, running.logs()


def test_a_backup_passes_the_drill_and_one_row_less_or_another_value_fails_it(
    store: Store, engine: Engine, image: Callable[[str], str]
) -> None:
    store.ask("CREATE ROLE app; GRANT SELECT ON persona TO app")
    store.stand.job("postgres", {"backup": "20261130T033000Z"}).must()
    for spoil, told in {
        "SELECT": "",
        "DELETE FROM persona WHERE id = 1000": "table public.persona checksum",
        "UPDATE persona SET weight = 0 WHERE id = 7": "table public.persona checksum",
        "DROP INDEX persona_name_idx": "indexes",
    }.items():
        store.stand.ask({"backup": "of the drill itself"})
        fetched = store.stand.run("drill", "fetch").must()
        assert fetched["report"] == {"postgres": "20261130T033000Z"}
        drilled(engine, image("postgres"), store.stand, spoil)
        judged = store.stand.run("drill", "judge")
        if told:
            assert f"the drill failed, backups are not to be trusted: postgres: {told}: " in judged.complaint()
            assert judged.result["facts_equal"] is False
        else:
            assert judged.must()["facts_equal"] is True


def test_a_drill_without_a_backup_is_told(store: Store) -> None:
    assert store.stand.run("job", "check", environment={"KEEP_DAYS": "1", "KEEP_MONTHS": "1"}).code == 0
    assert "there is nothing to drill with" in store.stand.run("drill", "fetch").complaint()


def test_a_drill_whose_container_found_nothing_fails(store: Store) -> None:
    store.stand.job("postgres").must()
    store.stand.run("drill", "fetch").must()
    assert "postgres: nothing was found" in store.stand.run("drill", "judge").complaint()
