"""PostgreSQL's backup: what is stored is of one moment, what counts can be restored, and what failed does not count."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from images.tests.backup_postgres import Store, with_postgres
from images.tests.backup_stand import DATABASE
from images.tests.engine import Engine

DUMPING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_dump'"
LOCK = 'BEGIN; LOCK TABLE "Odd ""name"; SELECT pg_sleep(300)'
LET_GO = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'BEGIN; LOCK TABLE%'"


@pytest.fixture
def store(engine: Engine, image: Callable[[str], str]) -> Iterator[Store]:
    with with_postgres(engine, image) as store:
        yield store


@contextmanager
def held_up(store: Store) -> Iterator[Callable[[], object]]:
    """A dump waits for a table until what this gives is called, or this ends."""
    store.server.container.exec_run(["psql", "-XqU", "postgres", "-d", DATABASE, "-c", LOCK], detach=True)
    store.server.wait_until(
        lambda: store.ask("SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock'") != "0"
    )
    try:
        yield lambda: store.ask(LET_GO)
    finally:
        store.ask(LET_GO)


def test_a_backup_is_listed_and_restored_and_the_old_database_is_kept(store: Store) -> None:
    store.ask("CREATE ROLE reader; GRANT SELECT ON persona TO reader")
    before = store.ask("SELECT count(*), sum(hashtextextended(p::text, 0)::numeric) FROM persona p")
    result = store.stand.job("postgres", {"backup": "20261130T033000Z"}).must()
    assert [(head["backup"], head["store"]) for head in store.stand.heads()] == [("20261130T033000Z", "postgres")]
    manifest = store.stand.manifest("20261130T033000Z", "postgres")
    assert manifest["data"] == result["snapshot"]
    extension = store.ask("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    assert manifest["versions"]["vector"] == extension
    assert manifest["versions"]["postgresql"] == store.ask("SHOW server_version")
    facts = manifest["facts"]
    assert facts["table public.persona rows"] == "2000"
    assert facts["schema revision"] == "0007"
    assert facts["extension vector"] == "there"
    assert facts["sequence public.persona_id_seq"] == "past its column"
    assert facts['table public.Odd "name rows'] == "1"
    store.ask(f"ALTER DATABASE {DATABASE} SET work_mem TO '5MB'")
    store.ask(f"GRANT CONNECT ON DATABASE {DATABASE} TO backup")
    store.ask("DELETE FROM persona WHERE id > 3")
    store.ask("DROP OWNED BY reader; DROP ROLE reader")
    restored = store.stand.restore("postgres", {"backup": "20261130T033000Z"}).must()
    assert restored["facts_equal"] is True
    assert store.ask("SELECT count(*), sum(hashtextextended(p::text, 0)::numeric) FROM persona p") == before
    assert store.ask("SHOW work_mem") == "5MB"
    assert store.ask("SELECT count(*) FROM persona", restored["report"]["before"]) == "3"
    store.stand.job("postgres").must()
    again = store.stand.restore("postgres", {"database": restored["report"]["before"]})
    assert "exists already: nothing was changed" in again.complaint()


def test_rows_that_are_written_while_the_dump_is_made_are_in_neither_dump_nor_facts(store: Store) -> None:
    # As the platform's server has it: the dump takes longer than others may be idle.
    store.ask("ALTER SYSTEM SET idle_in_transaction_session_timeout = '2s'")
    store.ask("SELECT pg_reload_conf()")
    store.stand.ask({"backup": "20261130T033000Z"})
    with held_up(store) as let_go, store.stand.started("job", "postgres") as running:
        running.wait_until(lambda: store.ask(DUMPING) != "0", within=30)
        store.ask("INSERT INTO persona (name) SELECT 'late' FROM generate_series(1, 777)")
        time.sleep(3)
        let_go()
        assert running.exit_code() == 0, running.logs()
    assert store.stand.manifest("20261130T033000Z", "postgres")["facts"]["table public.persona rows"] == "2000"
    restored = store.stand.restore("postgres", {"database": "aside", "swap": False}).must()
    assert restored["facts_equal"] is True
    assert store.ask("SELECT count(*) FROM persona", "aside") == "2000"
    assert store.ask("SELECT count(*) FROM persona") == "2777"


def test_a_restore_whose_facts_differ_changes_nothing(store: Store) -> None:
    store.stand.job("postgres").must()
    # What is in the template is in every new database.
    store.ask("ALTER DATABASE template0 ALLOW_CONNECTIONS true")
    store.ask("CREATE TABLE leftover (id int)", "template0")
    ended = store.stand.restore("postgres", {})
    assert "not what was backed up, nothing was changed: table" in ended.complaint()
    assert ended.result["facts_equal"] is False
    assert store.ask("SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database") == (
        f"{DATABASE} postgres template0 template1"
    )
    assert store.ask("SELECT count(*) FROM persona") == "2000"


def test_a_dump_that_the_server_ends_is_told_and_does_not_count(store: Store) -> None:
    dumping = DUMPING.replace("count(*)", "count(pg_terminate_backend(pid))")
    store.stand.ask({})
    with held_up(store), store.stand.started("job", "postgres") as running:
        running.wait_until(lambda: store.ask(dumping) != "0", within=30)
        assert running.exit_code() == 1
        assert "the program that writes the dump failed" in running.logs()
    assert store.stand.heads() == []


CUT_OFF = """#!/opt/venv/bin/python
import subprocess, sys
whole = subprocess.run(["/usr/bin/pg_dump", *sys.argv[1:]], capture_output=True, check=True).stdout
sys.stdout.buffer.write(whole[:len(whole) * 9 // 10])
"""


def test_a_dump_that_is_cut_off_without_an_error_does_not_count(store: Store, engine: Engine) -> None:
    with engine.volume() as stub:
        engine.fill(stub, {"pg_dump": CUT_OFF}, 0o755)
        path = {"PATH": "/stub:/opt/venv/bin:/usr/bin"}
        ended = store.stand.job("postgres", environment=path, volumes=store.stand.mounts(stub=stub))
    assert "is not whole and does not count" in ended.complaint()
    assert store.stand.heads() == []


def test_a_job_that_is_killed_leaves_nothing_that_counts_and_the_next_one_works(store: Store) -> None:
    with held_up(store), store.stand.started("job", "postgres") as running:
        running.wait_until(lambda: store.ask(DUMPING) != "0", within=30)
        running.container.kill("SIGKILL")
        assert running.exit_code() == 137
    assert b"did not come to its end" in (store.stand.file("/work", "results/postgres.json") or b"")
    assert store.stand.heads() == []
    store.stand.job("postgres").must()
    assert len(store.stand.heads()) == 1
