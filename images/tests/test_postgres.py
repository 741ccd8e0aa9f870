"""PostgreSQL's image as a running store: what is in it, and whom it lets in."""

import gzip
from collections.abc import Callable, Iterator

import pytest

from images.tests.engine import Engine, Running
from images.tests.postgres_store import DATA, lets_in, ready, sql

SCRIPTS: dict[str, str | bytes] = {
    "10-table.sql": "CREATE TABLE steps (id int GENERATED ALWAYS AS IDENTITY, name text)",
    "20-sourced.sh": "docker_process_sql <<< \"INSERT INTO steps (name) VALUES ('sourced')\"",
    "40-packed.sql.gz": gzip.compress(b"INSERT INTO steps (name) VALUES ('packed')"),
    "50-notes.txt": "nothing to run",
}
EXECUTED = """#!/usr/bin/env bash
psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "INSERT INTO steps (name) VALUES ('executed')"
psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -h 127.0.0.1 -c "INSERT INTO steps (name) VALUES ('over TCP')" || true
"""


@pytest.fixture(scope="module")
def postgres(image: Callable[[str], str]) -> str:
    return image("postgres")


@pytest.fixture(scope="module")
def store(engine: Engine, postgres: str) -> Iterator[Running]:
    """A store after its first start, with init scripts."""
    with engine.volume() as data, engine.volume(SCRIPTS) as scripts:
        engine.fill(scripts, {"30-executed.sh": EXECUTED}, mode=0o555)
        mounts = {scripts: {"bind": "/docker-entrypoint-initdb.d", "mode": "ro"}}
        with ready(engine, postgres, data, "first-password", volumes=mounts) as store:
            yield store


def test_the_image_has_the_size_it_promises(engine: Engine, postgres: str) -> None:
    assert engine.client.images.get(postgres).attrs["Size"] <= 85e6


def test_every_process_runs_as_999(store: Running) -> None:
    assert set(store.exec("sh", "-c", "stat -c %u:%g /proc/[0-9]*").split()) == {"999:999"}


def test_it_is_postgresql_17_with_checksums_and_the_database_asked_for(store: Running) -> None:
    assert sql(store, "SHOW server_version_num").startswith("17")
    assert sql(store, "SHOW data_checksums") == "on"
    assert sql(store, "SELECT current_database()") == "market_research"


def test_init_scripts_run_in_the_order_of_their_names_with_only_the_socket_open(store: Running) -> None:
    assert sql(store, "SELECT name FROM steps ORDER BY id").split() == ["sourced", "executed", "packed"]


def test_an_init_file_of_an_unknown_kind_is_named_and_left_out(store: Running) -> None:
    assert "left out, as only .sh, .sql and .sql.gz/.xz/.zst are run: /docker-entrypoint-initdb.d/50" in store.logs()


def test_a_nearest_neighbour_query_uses_the_hnsw_index(store: Running) -> None:
    sql(
        store,
        "CREATE EXTENSION vector",
        "CREATE TABLE opinions AS SELECT i AS id, ARRAY[i, i % 7, i % 13]::vector(3) AS meaning"
        " FROM generate_series(1, 2000) i",
        "SET max_parallel_maintenance_workers = 0; CREATE INDEX ON opinions USING hnsw (meaning vector_l2_ops)",
    )
    query = "SELECT id FROM opinions ORDER BY meaning <-> '[500, 3, 6]' LIMIT 1"
    assert sql(store, query) == "500"
    assert "Index Scan using opinions_meaning_idx" in sql(store, f"EXPLAIN {query}")


@pytest.mark.parametrize("extension", ["pg_stat_statements", "pg_trgm", "pgcrypto", "unaccent", "xml2", "uuid-ossp"])
def test_the_usual_extensions_load(store: Running, extension: str) -> None:
    sql(store, f'CREATE EXTENSION "{extension}"')


def test_polish_words_sort_as_poles_sort_them(store: Running) -> None:
    words = "unnest('{zorza,łan,lato,ćma,cyna}'::text[]) AS word"
    poles = sql(store, f"SELECT string_agg(word, ' ' ORDER BY word COLLATE \"pl-x-icu\") FROM {words}")
    assert poles == "cyna ćma lato łan zorza"
    assert sql(store, "SELECT initcap('żółta łódź' COLLATE \"pl-x-icu\")") == "Żółta Łódź"


def test_the_locale_is_that_of_the_official_image(store: Running) -> None:
    assert sql(store, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "en_US.utf8"
    assert sql(store, "SELECT 'a' < 'B', 'B' < 'c'") == "t|t"


def test_the_clients_for_backups_are_there(store: Running) -> None:
    for client in ("pg_dump", "pg_dumpall", "pg_restore", "pg_basebackup", "pg_receivewal", "pg_verifybackup", "psql"):
        assert "17." in store.exec(client, "--version")


def test_the_network_needs_the_password_of_the_file(store: Running) -> None:
    assert lets_in(store, "first-password")
    assert not lets_in(store, "another")


def test_the_password_is_in_no_environment_no_argument_and_no_log(store: Running) -> None:
    found = store.exec("sh", "-c", "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' ' '")
    assert "first-password" not in found + store.logs()


def test_the_data_path_belongs_to_999_in_a_new_volume(store: Running) -> None:
    assert store.exec("stat", "-c", "%u:%g", DATA) == "999:999"
