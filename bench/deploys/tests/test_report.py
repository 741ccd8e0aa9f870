import pytest

from bench.deploys.measured import Timed, Visits
from bench.deploys.report import Report
from bench.deploys.trial import Findings, Row

LOST = Visits(sent=400, failed=150, p99_ms=130.4, longest_gap_seconds=5.7)
NONE_LOST = Visits(sent=500, failed=0, p99_ms=90, longest_gap_seconds=0.2)


@pytest.fixture
def report() -> Report:
    ours = Findings(
        {Row.NOTHING: Timed([4, 6, 5]), Row.IMAGE: Timed([12], [NONE_LOST]), Row.COLD: Timed([50])},
        afterwards="the version before (HTTP 200)",
        edge_mb=20.4,
    )
    theirs = Findings(
        {Row.NOTHING: Timed([10, 10, 10]), Row.IMAGE: Timed([10], [LOST])}, afterwards="nobody (HTTP 502)"
    )
    return Report(ours, theirs, "2 cores")


def test_a_row_tells_the_medians_the_extremes_and_their_ratio(report: Report) -> None:
    assert "| nothing changed | 5.0 (4.0-6.0) | 10.0 (10.0-10.0) | 0.50 |" in report.markdown()


def test_what_one_side_did_not_do_has_no_ratio(report: Report) -> None:
    assert "| cold start to all healthy | 50.0 | - | - |" in report.markdown()


def test_what_visitors_found_is_told_for_each_change(report: Report) -> None:
    lines = report.markdown().splitlines()
    change = "one line of the api's source"
    assert f"| {change}: failed of all requests | 0 of 500 | 150 of 400 |" in lines
    assert f"| {change}: p99 of good answers | 90 ms | 130 ms |" in lines
    assert f"| {change}: longest time without a good answer | 0.2 s | 5.7 s |" in lines


def test_who_serves_after_a_broken_version_and_the_edges_memory_are_told(report: Report) -> None:
    assert "- pulumi: the version before (HTTP 200)" in report.markdown()
    assert "- docker compose: nobody (HTTP 502)" in report.markdown()
    assert "Memory of the edge: 20 MiB." in report.markdown()


def test_what_is_not_comparable_is_said(report: Report) -> None:
    assert "What is and what is not comparable" in report.markdown()
    assert "migration" in report.markdown()
