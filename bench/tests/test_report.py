from collections import Counter
from dataclasses import replace

from bench.gauge import Gauge
from bench.plan import RUN, Step
from bench.report import Report, told
from bench.statements import Statement, Statements
from bench.tests.test_plan import FAST, STEP

SLOW = replace(STEP, users=30, overall=replace(FAST, per_second=12.34, p95=700))
FAILING = replace(STEP, overall=replace(FAST, failures=3), errors={"GET /api/usage: 503": 3})


def report(*steps: Step, incidents: Counter[str] | None = None) -> Report:
    ran = Statements([Statement("SELECT 1", calls=4, total_ms=10), Statement("SELECT 2", calls=1, total_ms=5)])
    gauges = {"api": Gauge(512, 0.5, peak_mb=401.6, final_mb=300)}
    return Report(list(steps), ran, gauges, incidents or Counter(), cores=2)


def test_the_largest_crowd_that_was_carried_is_the_result() -> None:
    carried = replace(STEP, users=30)
    assert report(STEP, carried, replace(SLOW, users=45)).best is carried


def test_where_no_crowd_was_carried_the_first_one_is_shown_and_no_result_claimed() -> None:
    shown = report(SLOW)
    assert shown.best is SLOW
    assert "largest steady crowd" not in shown.markdown()


def test_a_run_without_incidents_is_good_however_slow_the_last_crowd_was() -> None:
    assert report(STEP, SLOW).complaints == []
    assert "No OOM kill, no restart." in report(STEP, SLOW).markdown()


def test_failures_of_a_later_crowd_are_what_a_ramp_looks_for() -> None:
    assert report(STEP, replace(FAILING, users=30)).complaints == []


def test_failures_of_the_first_crowd_must_not_be() -> None:
    assert report(FAILING).complaints == ["requests that fail with 20 users (3 times)"]
    assert "- with 20 users 3 times: GET /api/usage: 503" in report(FAILING).markdown()


def test_a_killed_container_must_not_be() -> None:
    killed = report(STEP, incidents=Counter({"neo4j: OOM kill": 1}))
    assert killed.complaints == ["neo4j: OOM kill (1 times)"]
    assert "MUST NOT BE: neo4j: OOM kill (1 times)" in killed.markdown()
    assert "No OOM kill" not in killed.markdown()


def test_the_tables_hold_every_figure() -> None:
    run = replace(FAST, name=RUN, p95=20000)
    lines = report(replace(STEP, kinds=(FAST, run)), SLOW).markdown().splitlines()
    assert "| 20 | 60 | 600 | 10.0 | 0 | 20 | 500 | 900 | yes | 20000 |" in lines
    assert "| 30 | 60 | 600 | 12.3 | 0 | 20 | 700 | 900 | no | none ended |" in lines
    assert "| all answers | 600 | 10.0 | 0 | 20 | 500 | 900 |" in lines
    assert "| api | 402 | 300 | 512 | 0.00 | 0.50 |" in lines
    assert "- slowest: 5.0 ms on average of 1 calls: `SELECT 2`" in lines
    assert "- most time in all: 2.5 ms on average of 4 calls: `SELECT 1`" in lines


def test_a_statement_is_told_on_one_line() -> None:
    long = told(Statement("SELECT\n  `x`,\n" + "y, " * 100, calls=1, total_ms=1))
    assert "SELECT 'x', y," in long
    assert "\n" not in long
    assert long.endswith("...`")
