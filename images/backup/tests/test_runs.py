"""One run: what happens in which order, and what is told of what went wrong."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from backup import repository
from backup.dormant import DEAF_SECONDS
from backup.ledger import Ledger
from backup.runs import Run, run
from backup.work import BusyError, Work, put, read

from tests.gate import START, Container, Stand, stand

ORDER = [
    "backup-postgres",
    "backup-redis",
    "backup-files",
    "neo4j-dump",
    "neo4j",
    "neo4j-count",
    "backup-neo4j",
    "backup-state",
    "backup-check",
    "backup-copy",
]


def daily(stand: Stand) -> Mapping[str, Any]:
    return run(stand.dormants, lambda run: run.stores(stand.dormants.jobs.stores, check=True), "daily")


def one(stand: Stand, name: str, **options: Any) -> dict[str, Any]:
    """What one job's part of a run is."""
    record = run(stand.dormants, lambda run: run.perform(name, **options), "test")
    (job,) = record["jobs"]
    assert record["ok"] == job["ok"]
    return dict(job)


def test_everything_happens_in_its_order(whole: Stand) -> None:
    record = daily(whole)
    assert record["ok"]
    assert whole.gate.started() == ORDER
    assert record["backup"] == "20261130T033000Z"


def test_a_run_notes_which_repository_there_is(whole: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[str] = []
    monkeypatch.setattr(repository, "note", lambda: noted.append("noted"))
    one(whole, "backup-redis")
    assert noted == ["noted"]


def test_every_job_is_told_which_backup_it_is_of(whole: Stand) -> None:
    told: list[str] = []
    for name in ORDER:
        if name != "neo4j":
            whole.gate.notes(name, lambda: told.append(read(whole.work.request)["backup"]))
    daily(whole)
    assert told == ["20261130T033000Z"] * 9


def test_what_a_job_wrote_is_part_of_the_record(whole: Stand) -> None:
    whole.gate.containers["backup-redis"].work = whole.gate.writes("redis", bytes=7, snapshot="abc")
    job = one(whole, "backup-redis")
    assert (job["job"], job["bytes"], job["snapshot"]) == ("redis", 7, "abc")
    assert json.loads((whole.work.runs / "20261130T033000Z.json").read_text())["jobs"] == [job]


def test_a_job_that_fails_holds_no_other_up(whole: Stand) -> None:
    failing = whole.gate.writes("postgres", 1, error="the key is wrong:\n use the one of the stack")
    whole.gate.containers["backup-postgres"].work = failing
    record = daily(whole)
    assert not record["ok"]
    assert whole.gate.started() == ORDER
    wrong = [job for job in record["jobs"] if not job["ok"]]
    assert [(job["job"], job["error"]) for job in wrong] == [("postgres", "the key is wrong: use the one of the stack")]


def test_a_good_exit_with_a_bad_result_is_bad(whole: Stand) -> None:
    whole.gate.containers["backup-redis"].work = lambda: whole.gate.writes("redis", 1, error="no")() * 0
    assert one(whole, "backup-redis")["error"] == "no"


def test_a_good_exit_that_leaves_no_result_is_bad(whole: Stand) -> None:
    whole.gate.containers["backup-redis"].work = lambda: 0
    said = one(whole, "backup-redis")["error"]
    assert said.startswith(f"test-backup-redis ended well and left no {whole.work.result('redis')}: it must have")


def test_the_result_of_an_earlier_run_does_not_count(whole: Stand) -> None:
    put(whole.work.result("redis"), {"ok": True, "bytes": 7})
    whole.gate.containers["backup-redis"] = Container(lambda: 1, log=["first", "at the end: no room"])
    job = one(whole, "backup-redis")
    assert job["error"] == "test-backup-redis ended with 1: first | at the end: no room"
    assert "bytes" not in job


def test_a_job_that_was_killed_is_told_so_whatever_it_wrote(whole: Stand) -> None:
    whole.gate.containers["backup-redis"].work = whole.gate.writes("redis", 137, error="it did not come to its end")
    assert one(whole, "backup-redis")["error"].startswith(
        "test-backup-redis ended with 137; killed, by its memory limit"
    )


def test_a_container_that_is_gone_is_told_with_the_way_out(whole: Stand) -> None:
    del whole.gate.containers["backup-redis"]
    said = one(whole, "backup-redis")["error"]
    assert said == "test-backup-redis (backup-redis) is gone: run `pulumi up --refresh --stack test`"


def test_a_container_that_goes_while_it_runs_is_told_too(whole: Stand) -> None:
    whole.gate.containers["backup-redis"].work = lambda: bool(whole.gate.containers.pop("backup-redis")) * 0
    assert "is gone: run `pulumi up" in one(whole, "backup-redis")["error"]


def test_what_the_gate_refuses_is_told(whole: Stand) -> None:
    whole.gate.answers["start backup-redis"] = [403]
    assert "403 Forbidden" in one(whole, "backup-redis")["error"]


def test_a_gate_that_is_away_for_a_while_ends_no_job(whole: Stand) -> None:
    whole.gate.answers["json backup-redis"] = [503] * 20
    assert one(whole, "backup-redis")["ok"]


def test_a_gate_that_stays_away_is_told(whole: Stand) -> None:
    whole.gate.answers["json backup-redis"] = [503] * (DEAF_SECONDS * 4)
    assert "503" in one(whole, "backup-redis")["error"]


def test_a_job_that_hangs_is_stopped(whole: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backup.dormant.LOOK_SECONDS", 5)
    whole.gate.containers["backup-redis"].looks = 10_000
    job = one(whole, "backup-redis", longest_seconds=1800)
    assert job["error"].startswith("test-backup-redis was not done after 0.5 h and was stopped")
    assert whole.gate.asked[-1] == "stop backup-redis t=10"
    assert 1800 <= job["seconds"] < 1810


def test_a_job_that_was_left_at_work_is_awaited_before_it_gets_its_request(whole: Stand) -> None:
    whole.gate.containers["backup-redis"] = Container(whole.gate.writes("redis", bytes=7), running=True, left=5)
    put(whole.work.result("redis"), {"ok": False, "error": "of another run"})
    assert one(whole, "backup-redis")["bytes"] == 7
    assert whole.gate.started() == ["backup-redis"] * 2


def test_what_a_stack_does_not_have_is_left_out(tmp_path: Path) -> None:
    with stand(tmp_path, "backup-copy", "backup-redis", "neo4j", "neo4j-dump", "backup-neo4j", "neo4j-count") as less:
        assert daily(less)["ok"]
        assert less.gate.started() == ["backup-postgres", "backup-files", "backup-state", "backup-check"]


def test_one_store_alone_is_copied_and_not_checked(whole: Stand) -> None:
    run(whole.dormants, lambda run: run.stores(["files"], check=False), "by hand")
    assert whole.gate.started() == ["backup-files", "backup-copy"]


def test_a_run_beside_another_is_refused_with_what_is_under_way(whole: Stand) -> None:
    def meanwhile(_: Run) -> None:
        with pytest.raises(BusyError, match=r"^another run is under way: daily$"):
            run(whole.dormants, lambda _: None, "by hand")

    run(whole.dormants, meanwhile, "daily")
    with whole.work.alone("later"):
        assert not whole.gate.asked


def test_only_the_newest_hundred_records_are_kept(whole: Stand) -> None:
    for number in range(110):
        put(whole.work.runs / f"20250101T{number:06}Z.json", {})
    one(whole, "backup-redis")
    names = sorted(path.stem for path in whole.work.runs.iterdir())
    assert (len(names), names[-1]) == (100, "20261130T033000Z")


def test_two_runs_in_one_second_have_two_ids(whole: Stand) -> None:
    whole.gate.containers["backup-redis"].looks = 0
    first = run(whole.dormants, lambda _: None, "one")
    assert whole.clock.now() == START
    assert run(whole.dormants, lambda _: None, "two")["backup"] == "20261130T033001Z" != first["backup"]


def test_a_run_that_broke_is_recorded_as_such(whole: Stand) -> None:
    def breaks(_: Run) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        run(whole.dormants, breaks, "daily")
    record = read(whole.work.runs / "20261130T033000Z.json")
    assert (record["ok"], record["error"]) == (False, "no room")


def test_the_ledger_keeps_what_the_last_good_one_measured(whole: Stand) -> None:
    container = whole.gate.containers["backup-redis"]
    container.work = whole.gate.writes("redis", bytes=7)
    one(whole, "backup-redis")
    succeeded = Ledger(Work(whole.work.root)).jobs()["redis"]["succeeded"]
    container.work = whole.gate.writes("redis", 1, error="no", bytes=3)
    one(whole, "backup-redis")
    noted = Ledger(whole.work).jobs()["redis"]
    assert (noted["ok"], noted["bytes"], noted["succeeded"]) == (False, 7, succeeded)
    assert noted["ended"] > succeeded
