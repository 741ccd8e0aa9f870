from bench.deploys.measured import Timed, Visits
from bench.deploys.visit import Visit


def visit(ended: float, seconds: float = 0.1, *, good: bool = True, planned: float = 0) -> Visit:
    return Visit(ended - seconds, ended, planned, good, 200 if good else 502)


def test_failures_are_counted_and_do_not_count_as_fast_answers() -> None:
    visits = Visits.of([*(visit(n, seconds=0.2) for n in range(10)), visit(10, seconds=0.001, good=False)])
    assert (visits.sent, visits.failed) == (11, 1)
    assert round(visits.p99_ms) == 200


def test_what_an_upload_is_to_take_is_no_latency() -> None:
    assert round(Visits.of([visit(5, seconds=2.05, planned=2)]).p99_ms) == 50


def test_the_gap_is_the_longest_time_in_which_no_good_answer_ended() -> None:
    visits = [visit(1), visit(2), visit(3, good=False), visit(6), visit(7)]
    assert Visits.of(visits).longest_gap_seconds == 4


def test_a_gap_that_lasts_to_the_end_counts() -> None:
    assert Visits.of([visit(1), visit(9, good=False)]).longest_gap_seconds == 8


def test_several_times_are_told_by_the_one_in_the_middle() -> None:
    found = [Visits(100, failed, p99_ms=p99, longest_gap_seconds=p99) for failed, p99 in ((1, 10), (0, 30), (2, 20))]
    timed = Timed([3, 1, 2], found)
    assert (timed.median, timed.p99_ms, timed.gap_seconds) == (2, 20, 20)
    assert (timed.failed, timed.sent) == (3, 300)
