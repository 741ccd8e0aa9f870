"""What Prometheus is told."""

from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from backup import exposition
from backup.drills import drill
from backup.exposition import Heart
from backup.metrics import Metrics
from backup.runs import run
from backup.work import Work, put

from tests.gate import START, FakeClock, Stand, jobs


def told(stand: Stand) -> dict[str, float]:
    """The value of each series, as a scheduler says that was started just now."""
    metrics = Metrics(stand.dormants.jobs, Work(stand.work.root), stand.clock)
    samples = (sample for metric in metrics.collect() for sample in metric.samples)
    return {f"{one.name}{''.join(f'[{value}]' for value in one.labels.values())}": one.value for one in samples}


def daily(stand: Stand) -> None:
    run(stand.dormants, lambda run: run.stores(stand.dormants.jobs.stores, check=True), "daily")


def test_before_anything_happened_there_is_nothing_to_tell(whole: Stand) -> None:
    assert told(whole) == {}


def test_a_good_run_is_told(whole: Stand) -> None:
    whole.gate.containers["backup-redis"].work = whole.gate.writes("redis", bytes=7)
    whole.gate.containers["backup-check"].work = whole.gate.writes(
        "check", repository_bytes=11, backups={"redis": {"count": 3, "oldest": 1700000000}}
    )
    whole.gate.containers["neo4j-dump"].looks = 20
    daily(whole)
    series = told(whole)
    now = whole.clock.now().timestamp()
    for store in whole.dormants.jobs.stores:
        assert now - 60 < series[f"backup_last_success_timestamp_seconds[{store}]"] <= now
    assert series["backup_size_bytes[redis]"] == 7
    assert series["backup_repository_bytes"] == 11
    assert (series["backup_kept[redis]"], series["backup_oldest_timestamp_seconds[redis]"]) == (3, 1700000000)
    assert 10 <= series["backup_neo4j_stopped_seconds"] < 20
    assert {value for name, value in series.items() if name.startswith("backup_last_run_ok[")} == {1}
    assert series["backup_duration_seconds[neo4j-dump]"] == 10
    for name in ("backup_check_last_success_timestamp_seconds", "backup_copy_last_success_timestamp_seconds"):
        assert now - 60 < series[name] <= now


def test_only_a_store_has_the_time_of_a_backup_and_every_job_its_own(whole: Stand) -> None:
    daily(whole)
    series = told(whole)
    assert "backup_last_success_timestamp_seconds[check]" not in series
    assert "backup_job_last_success_timestamp_seconds[check]" in series


def test_a_failure_is_told_and_the_last_success_stays(whole: Stand) -> None:
    daily(whole)
    before = told(whole)
    whole.gate.containers["neo4j-dump"].work = lambda: 1
    whole.gate.containers["backup-copy"].work = lambda: 1
    whole.clock.rest(86400)
    daily(whole)
    after = told(whole)
    for job in ("neo4j-dump", "neo4j", "copy"):
        assert after[f"backup_last_run_ok[{job}]"] == 0
    for name in (
        "backup_last_success_timestamp_seconds[neo4j]",
        "backup_copy_last_success_timestamp_seconds",
    ):
        assert after[name] == before[name]
    assert (
        after["backup_last_success_timestamp_seconds[redis]"] > before["backup_last_success_timestamp_seconds[redis]"]
    )


def test_while_neo4j_is_stopped_the_time_of_that_grows(whole: Stand) -> None:
    put(whole.work.pause, {"began": (START - timedelta(seconds=500)).isoformat()})
    assert told(whole)["backup_neo4j_stopped_seconds"] == 500


def test_drills_are_told(whole: Stand) -> None:
    drill(whole.dormants)
    good = told(whole)
    assert good["restore_drill_ok"] == 1
    assert good["restore_drill_last_success_timestamp_seconds"] == whole.clock.now().timestamp()
    assert good["restore_drill_duration_seconds[redis]"] == 0.5
    whole.clock.rest(86400)
    whole.gate.containers["drill-judge"].work = lambda: 1
    drill(whole.dormants)
    bad = told(whole)
    assert bad["restore_drill_ok"] == 0
    name = "restore_drill_last_success_timestamp_seconds"
    assert bad[name] == good[name]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[int, Heart]]:
    heart = Heart(silence_seconds=1000)
    put(Work(tmp_path).ledger, {"jobs": {"redis": {"ok": True, "bytes": 7}}})
    server = exposition.listen(Metrics(jobs(), Work(tmp_path), FakeClock()), heart, 0)
    yield server.server_port, heart
    server.shutdown()
    server.server_close()


def get(port: int, path: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_metrics_and_health_are_there_and_nothing_else(address: tuple[int, Heart]) -> None:
    port, _ = address
    assert 'backup_size_bytes{store="redis"} 7.0' in get(port, "/metrics")[1]
    assert get(port, "/health") == (200, "ok\n")
    assert get(port, "/")[0] == 404
    assert exposition.ask(port)


def test_a_scheduler_that_hangs_is_not_healthy(address: tuple[int, Heart], monkeypatch: pytest.MonkeyPatch) -> None:
    port, heart = address
    monkeypatch.setattr(heart, "_longest", 0)
    assert get(port, "/health") == (503, "it hangs\n")
    assert not exposition.ask(port)


def test_where_nobody_listens_nobody_is_healthy() -> None:
    assert not exposition.ask(1)
