"""Recovery to a point in time and the drill of PostgreSQL's dumps, against a store of the product's image."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from images.tests.engine import Engine, Running
from images.tests.postgres_store import HEALTH, sql, start
from images.tests.trials import Trials, trials

FACTS = """
SELECT 'table public.people rows', count(*)::text FROM people;
SELECT 'table public.people checksum', coalesce(sum(hashtextextended(p::text, 0)::numeric), 0)::text FROM people p;
SELECT 'names', coalesce(string_agg(name, ' ' ORDER BY name), '') FROM people;
"""
ROLES = 'CREATE ROLE app; CREATE ROLE "Odd one";'
SCHEMA = (
    "CREATE ROLE app LOGIN",
    'CREATE ROLE "Odd one"',
    "ALTER DATABASE market_research OWNER TO app",
    "CREATE EXTENSION vector",
    "CREATE TABLE people (name text PRIMARY KEY, v vector(2))",
    "ALTER TABLE people OWNER TO app",
    'GRANT SELECT ON people TO "Odd one" WITH GRANT OPTION',
    "INSERT INTO people VALUES ('Ada', '[1,2]')",
)


@pytest.fixture(scope="module")
def stand(engine: Engine, image: Callable[[str], str]) -> Iterator[Trials]:
    with trials(engine, image("postgres"), "bash") as stand:
        yield stand


@contextmanager
def store_with_backup(stand: Trials) -> Iterator[Running]:
    """A store that writes into the exchange as the backup's container would."""
    files = {"postgres_password": "superuser's", "postgres_backup_a_password": "backup's"}
    with stand.engine.volume() as data, stand.engine.volume(files) as secrets:
        mounts = {
            secrets: {"bind": "/run/secrets", "mode": "ro"},
            stand.dumps: {"bind": "/exchange", "mode": "rw"},
        }
        with start(stand.engine, stand.image, data, None, volumes=mounts) as store:
            store.wait_until(lambda: store.attempt(*HEALTH)[0] == 0)
            yield store


@pytest.fixture(scope="module")
def moment(stand: Trials) -> str:
    """A base backup, then Grace comes, then this moment, then all are deleted; the log was received all the time."""
    stand.script("mkdir -m 777 recover recover/wal drill drill/postgres")
    with store_with_backup(stand) as store:
        sql(store, *SCHEMA)
        client = {"PGPASSWORD": "backup's", "PGUSER": "backup_a", "PGHOST": "127.0.0.1"}
        store.exec("pg_receivewal", "-S", "backup", "--create-slot", environment=client)
        receive = ["pg_receivewal", "-D", "/exchange/recover/wal", "-S", "backup", "--synchronous"]
        store.container.exec_run(receive, environment=client, detach=True)
        base = "pg_basebackup -D - -F tar -X fetch --checkpoint=fast > /exchange/recover/base.tar"
        store.exec("bash", "-c", base, environment=client)
        sql(store, "INSERT INTO people VALUES ('Grace', '[3,4]')", "SELECT pg_switch_wal()")
        moment = sql(
            store, "SELECT pg_sleep(1)", """SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
        )
        sql(store, "SELECT pg_sleep(1)", "DELETE FROM people")
        received = "SELECT bool_or(flush_lsn >= pg_current_wal_flush_lsn()) FROM pg_stat_replication"
        store.wait_until(lambda: sql(store, received) == "t")
    stand.script("chmod -R a+rX recover")
    stand.put({"recover/facts.sql": FACTS, "drill/postgres/facts.sql": FACTS, "drill/postgres/roles.sql": ROLES})
    return moment.splitlines()[-1]


def recover(stand: Trials, target: str) -> tuple[int, str]:
    stand.put({"recover/target": f"{target}\n"})
    return stand.run("recover.sh")


def refusal(answer: tuple[int, str], code: int = 1) -> str:
    """The one line that a script said itself when it failed."""
    assert answer[0] == code, answer[1]
    (line,) = (line for line in answer[1].splitlines() if ".sh: " in line)
    return line


def nothing_is_left(stand: Trials) -> bool:
    return set(stand.entries()) == {"recover", "drill"}


@pytest.mark.parametrize("target", ["yesterday", "2026-11-30T12:00:00", "2026-11-30T12:00:00Z'; SELECT 1", ""])
def test_a_target_that_is_no_time_with_a_zone_is_wrong_use(stand: Trials, moment: str, target: str) -> None:
    assert "is neither 'latest' nor a time with its zone" in refusal(recover(stand, target), code=2)
    assert nothing_is_left(stand)


def test_a_time_that_the_log_does_not_reach_is_refused_with_the_last_one(stand: Trials, moment: str) -> None:
    line = refusal(recover(stand, "2999-01-01T00:00:00Z"))
    assert "does not reach 2999-01-01T00:00:00Z: its last transaction is of 20" in line
    assert nothing_is_left(stand)


def test_a_quiet_time_after_the_last_write_is_the_end_of_a_log_that_reaches_it(stand: Trials, moment: str) -> None:
    stand.put({"recover/covered": ""})
    code, output = recover(stand, "2999-01-01T00:00:00Z")
    stand.script("rm recover/covered")
    assert code == 0, output
    assert stand.facts("recovered/facts.tsv")["table public.people rows"] == "0"
    stand.script("rm -r recovered")


def test_a_time_before_the_base_backup_is_refused(stand: Trials, moment: str) -> None:
    assert "is before the base backup, of 20" in refusal(recover(stand, "2020-01-01T00:00:00+01:00"))
    assert nothing_is_left(stand)


def test_a_missing_segment_is_not_taken_for_the_end(stand: Trials, moment: str) -> None:
    last = max(name for name in stand.entries("recover/wal") if not name.endswith(".partial"))
    stand.script(f"mv recover/wal/{last} recover/")
    line = refusal(recover(stand, moment))
    assert "Use another base backup" in line or "does not reach" in line
    stand.script(f"mv recover/{last} recover/wal/")
    assert nothing_is_left(stand)


def test_a_base_backup_of_another_major_version_is_refused_with_what_to_do(stand: Trials, moment: str) -> None:
    stand.script("cd recover; mkdir other; mv base.tar other/; echo 15 >PG_VERSION; tar -cf base.tar PG_VERSION")
    line = refusal(recover(stand, moment))
    stand.script("cd recover; rm PG_VERSION base.tar; mv other/base.tar .; rmdir other")
    assert (
        "is of PostgreSQL 15, and this server is PostgreSQL 17, which cannot read it: restore a backup by its name"
        in line
    )
    assert nothing_is_left(stand)


def test_a_damaged_base_backup_is_refused(stand: Trials, moment: str) -> None:
    base = stand.whole("recover/base.tar")
    place = base.index(b"Ada") if b"Ada" in base else len(base) // 2
    stand.put({"recover/base.tar": base[:place] + b"Bda" + base[place + 3 :]})
    line = refusal(recover(stand, moment))
    stand.put({"recover/base.tar": base})
    assert "the base backup is not what its manifest says" in line
    assert nothing_is_left(stand)


def test_everything_that_was_received_comes_back_with_latest(stand: Trials, moment: str) -> None:
    code, output = recover(stand, "latest")
    assert code == 0, output
    assert stand.facts("recovered/facts.tsv")["table public.people rows"] == "0"


def test_a_moment_comes_back_from_the_base_backup_and_the_log(stand: Trials, moment: str) -> None:
    code, output = recover(stand, moment)
    assert code == 0, output
    assert stand.facts("recovered/facts.tsv")["names"] == "Ada Grace"
    assert stand.whole("recovered/postgres.dump").startswith(b"PGDMP")
    assert set(stand.entries()) == {"recover", "recovered", "drill"}


def test_a_drill_tells_what_a_dump_holds_and_leaves_nothing_else(stand: Trials, moment: str) -> None:
    if stand.file("recovered/postgres.dump") is None:
        assert recover(stand, moment)[0] == 0
    stand.script("cp recovered/postgres.dump drill/postgres/market_research.dump")
    code, output = stand.run("drill-postgres.sh")
    assert code == 0, output
    assert stand.facts("drill/postgres/facts.tsv") == stand.facts("recovered/facts.tsv")
    assert set(stand.entries("drill/postgres")) == {"facts.sql", "roles.sql", "market_research.dump", "facts.tsv"}


@pytest.mark.parametrize("keep", [0.5, 0.97], ids=["half", "most"])
def test_a_drill_of_a_truncated_dump_fails_and_tells_nothing(stand: Trials, moment: str, keep: float) -> None:
    if stand.file("recovered/postgres.dump") is None:
        assert recover(stand, moment)[0] == 0
    dump = stand.whole("recovered/postgres.dump")
    stand.put({"drill/postgres/market_research.dump": dump[: int(len(dump) * keep)]})
    assert "Take another backup" in refusal(stand.run("drill-postgres.sh"))
    assert set(stand.entries("drill/postgres")) == {"facts.sql", "roles.sql", "market_research.dump"}


def test_a_drill_without_a_dump_says_what_is_missing(stand: Trials, moment: str) -> None:
    stand.script("rm -f drill/postgres/market_research.dump")
    assert "/exchange/drill/postgres/market_research.dump is not there" in refusal(stand.run("drill-postgres.sh"))
