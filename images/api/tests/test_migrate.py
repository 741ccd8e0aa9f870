"""The migration job's patience, its errors, and the migrations as files."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from market_research import graph, migrate, schema
from market_research.health import newest_migration
from market_research.settings import MigrationPasswords, SchemaPasswords
from neo4j.exceptions import AuthError, ServiceUnavailable

ADDRESSES = {
    "POSTGRES_URL": "postgresql://migration_a@postgres:5432/market_research",
    "REDIS_URL": "redis://app@redis:6379/0",
    "NEO4J_URL": "bolt://neo4j@neo4j:7687",
}


def failing(*errors: Exception) -> Callable[..., int]:
    """Raises one error per call, then returns 5."""
    waiting = list(errors)

    def attempt(*_: object) -> int:
        if waiting:
            raise waiting.pop(0)
        return 5

    return attempt


@pytest.fixture(autouse=True)
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job whose every step succeeds; tests replace the one they are about."""
    for name, value in ADDRESSES.items():
        monkeypatch.setenv(name, value)
    for name in ("postgres_password", "neo4j_password"):
        (tmp_path / name).write_text("secret")
    passwords = MigrationPasswords.load(tmp_path)
    monkeypatch.setattr(MigrationPasswords, "load", lambda: passwords)
    monkeypatch.setattr(SchemaPasswords, "load", lambda: passwords)
    monkeypatch.setattr(migrate, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(schema, "upgrade", lambda _: "already at 0001")
    monkeypatch.setattr(migrate, "_constrain", failing())


def test_each_step_has_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert migrate.main([]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "migrate: postgres schema: already at 0001",
        "migrate: neo4j constraints: 5 added, 5 in place",
    ]


def test_a_store_that_starts_late_is_waited_for_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = psycopg.OperationalError("connection refused")
    monkeypatch.setattr(schema, "upgrade", failing(refused, refused, refused))
    assert migrate.main([]) == 0
    waiting = [line for line in capsys.readouterr().out.splitlines() if "waiting" in line]
    assert waiting == ["migrate: postgres: waiting for postgres:5432, up to 60 s: connection refused"]


def test_waiting_ends(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(migrate, "_constrain", failing(*[ServiceUnavailable("nobody there")] * 1_000_000))
    assert migrate.main(["--patience", "0.05"]) == 1
    expected = "migrate: neo4j constraints: nobody there; the store does not answer: see its log\n"
    assert capsys.readouterr().out.endswith(expected)


@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("postgres schema", psycopg.OperationalError('FATAL: password authentication failed for user "migration_a"')),
        ("neo4j constraints", AuthError("The client is unauthorized")),
    ],
)
def test_a_wrong_password_is_tried_until_the_store_must_have_taken_over_its_own(
    step: str, error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place, name = (schema, "upgrade") if step.startswith("postgres") else (migrate, "_constrain")
    with monkeypatch.context() as for_a_moment:
        for_a_moment.setattr(place, name, failing(error, error))
        assert migrate.main([]) == 0, "a running store follows its files within seconds"
    monkeypatch.setattr(migrate, "FOLLOWS_SECONDS", 0.05)
    monkeypatch.setattr(place, name, failing(*[error] * 1_000_000))
    assert migrate.main([]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(f"migrate: {step}: ")
    assert last.endswith("which did not take over its own: see its log")


def test_a_wrong_setting_has_its_own_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NEO4J_URL")
    assert migrate.main([]) == 2
    assert capsys.readouterr().out == "NEO4J_URL: not set: write bolt://<user>@<host>:<port>\n"


def test_the_newest_file_is_the_only_head() -> None:
    assert ScriptDirectory.from_config(Config(schema.CONFIG)).get_heads() == [newest_migration()]


def test_every_migration_can_be_written_out_as_sql_and_taken_back() -> None:
    there, back = io.StringIO(), io.StringIO()
    command.upgrade(Config(schema.CONFIG, output_buffer=there), "head", sql=True)
    command.downgrade(Config(schema.CONFIG, output_buffer=back), "head:base", sql=True)
    created = set(re.findall(r"CREATE TABLE (\w+)", there.getvalue()))
    dropped = {name for names in re.findall(r"DROP TABLE ([\w, ]+)", back.getvalue()) for name in names.split(", ")}
    assert created - {"alembic_version"} == dropped
    assert {"persona", "account", "answer"} <= created


def test_an_hnsw_index_is_built_by_one_worker() -> None:
    for file in (Path(schema.__file__).parent / "migrations" / "versions").glob("[0-9]*.py"):
        before, found, _ = file.read_text().partition("USING hnsw")
        assert not found or "max_parallel_maintenance_workers = 0" in before, file.name


def test_every_label_of_the_graph_has_a_unique_id() -> None:
    statements = graph.constraints()
    assert len(statements) == len(set(statements)) == len(graph.LABELS)
    assert all("IF NOT EXISTS" in statement and statement.endswith("IS UNIQUE") for statement in statements)
