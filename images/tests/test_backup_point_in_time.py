"""A point in time: the receiver's log and a base bring PostgreSQL back to just before a mistake."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from images.tests import postgres_store
from images.tests.backup_postgres import Store, with_postgres
from images.tests.backup_stand import DATABASE
from images.tests.engine import Engine, Running

RECOVER = r"""
set -eu
umask 0077
mkdir -p /tmp/pgdata
tar -xf /exchange/recover/base.tar -C /tmp/pgdata
cat >>/tmp/pgdata/postgresql.conf <<SETTINGS
restore_command = 'cp /exchange/recover/wal/%f %p'
recovery_target_time = '$UNTIL'
recovery_target_action = promote
unix_socket_directories = '/tmp'
listen_addresses = ''
fsync = off
SETTINGS
touch /tmp/pgdata/recovery.signal
exec postgres -D /tmp/pgdata
"""


@pytest.fixture
def store(engine: Engine, image: Callable[[str], str]) -> Iterator[Store]:
    with with_postgres(engine, image, "CREATE TABLE persona (id int)", ["/wal"]) as store:
        yield store


@contextmanager
def receiving(store: Store) -> Iterator[Running]:
    """The receiver, once it receives."""
    active = "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'backup' AND active"
    with store.stand.started("receive-wal") as receiver:
        receiver.wait_until(lambda: store.ask(active) == "1")
        yield receiver


MOMENT = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS+00:00')"
NOTED = """
import json, pathlib
note = pathlib.Path("/wal/received.json")
print(json.loads(note.read_text())["moment"] if note.exists() else "")
"""


def written(store: Store, rows: int) -> str:
    """Write rows, let the receiver have them, and return the moment after."""
    store.ask(f"INSERT INTO persona SELECT generate_series(1, {rows})")
    moment = store.ask(MOMENT)
    store.ask("SELECT pg_sleep(0.1)")
    return moment


def received(store: Store) -> None:
    """Wait until the receiver has all that was written, and has noted so."""
    behind, moment = "SELECT pg_current_wal_flush_lsn() - flush_lsn FROM pg_stat_replication", store.ask(MOMENT)
    store.server.wait_until(lambda: store.ask(behind) == "0")
    store.server.wait_until(lambda: store.stand.python(NOTED) >= moment)


def test_what_was_deleted_comes_back_and_the_log_of_older_bases_goes(
    store: Store, engine: Engine, image: Callable[[str], str]
) -> None:
    with receiving(store):
        store.ask("SELECT pg_switch_wal()")
        store.stand.job("base", {"backup": "20261130T033000Z"}).must()
        moment = written(store, 5123)
        store.ask("DELETE FROM persona")
        store.ask("SELECT pg_switch_wal()")
        store.ask("INSERT INTO persona VALUES (1)")
        received(store)
        result = store.stand.job("wal", {"backup": "20261130T034500Z"}).must()
    assert result["report"]["segments"] >= 2
    manifest = store.stand.manifest("20261130T033000Z", "base")
    kept = store.stand.manifest("20261130T034500Z", "wal")["facts"]["first"]
    assert kept <= manifest["facts"]["start segment"]
    left = store.stand.python("import os; print(sorted(os.listdir('/wal')))")
    assert manifest["facts"]["start segment"] in left
    assert kept == manifest["facts"]["start segment"] or kept not in left, "older than the base, and stored"
    store.stand.restore("fetch", {"store": "base", "until": moment}).must()
    mounts = {store.stand.volumes["/exchange"]: {"bind": "/exchange", "mode": "ro"}}
    options = {"volumes": mounts, "tmpfs": {"/tmp": ""}, "user": "999:999", "environment": {"UNTIL": moment}}
    with engine.run(image("postgres"), ["bash", "-c", RECOVER], entrypoint=[], network="none", **options) as recovered:
        promoted = ["psql", "-XqAt", "-h", "/tmp", "-U", "postgres", "-d", DATABASE, "-c"]
        over = [*promoted, "SELECT NOT pg_is_in_recovery()"]
        recovered.wait_until(lambda: recovered.attempt(*over) == (0, "t"))
        assert recovered.exec(*promoted, "SELECT count(*) FROM persona") == "5123"


def test_a_moment_that_nothing_leads_to_is_told(store: Store) -> None:
    assert (
        "no base from before now: the oldest is of none" in store.stand.restore("fetch", {"store": "base"}).complaint()
    )
    with receiving(store):
        store.stand.job("base").must()
        late = {"store": "base", "until": "2100-01-01T00:00:00Z"}
        assert "reaches to none, not to 2100-01-01T00:00:00.000+00:00" in store.stand.restore("fetch", late).complaint()
        early = {"store": "base", "until": "2020-01-01T00:00:00Z"}
        assert "name a later moment" in store.stand.restore("fetch", early).complaint()
        assert store.stand.restore("fetch", {"store": "base", "until": "yesterday"}).code == 2


def test_the_receiver_outlives_the_server_and_sets_aside_what_came_from_another(store: Store) -> None:
    with receiving(store) as receiver:
        store.server.container.restart(timeout=30)
        active = "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'backup' AND active"
        store.server.wait_until(lambda: store.server.attempt(*postgres_store.HEALTH)[0] == 0)
        receiver.wait_until(lambda: store.ask(active) == "1")
        assert receiver.stop() == 0
    store.stand.python("open('/wal/system_identifier', 'w').write('another')")
    with receiving(store):
        entries = store.stand.python("import os; print(sorted(os.listdir('/wal')))")
        assert "aside-" in entries
        received(store)
        assert "there is no base of the server" in store.stand.job("wal").complaint()
        store.stand.job("base").must()
        written(store, 10)
        received(store)
        store.stand.job("wal").must()
    assert "aside-" not in store.stand.python("import os; print(sorted(os.listdir('/wal')))")


def test_a_base_that_ends_early_does_not_count(store: Store, engine: Engine) -> None:
    cut = """#!/opt/venv/bin/python
import subprocess, sys
whole = subprocess.run(["/usr/bin/pg_basebackup", *sys.argv[1:]], capture_output=True, check=True).stdout
sys.stdout.buffer.write(whole[:len(whole) // 2 + 100])
"""
    with engine.volume() as stub:
        engine.fill(stub, {"pg_basebackup": cut}, 0o755)
        path = {"PATH": "/stub:/opt/venv/bin:/usr/bin"}
        ended = store.stand.job("base", environment=path, volumes=store.stand.mounts(stub=stub))
    assert "is not whole and does not count" in ended.complaint()
    assert store.stand.heads() == []
