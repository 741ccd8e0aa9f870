from bench.statements import Statement, Statements, between


def test_what_was_called_in_between_is_the_difference() -> None:
    before = {"1": Statement("SELECT 1", calls=10, total_ms=100), "2": Statement("SELECT 2", calls=1, total_ms=1)}
    after = {
        "1": Statement("SELECT 1", calls=15, total_ms=130),
        "2": Statement("SELECT 2", calls=1, total_ms=1),
        "3": Statement("SELECT 3", calls=2, total_ms=8),
    }
    assert list(between(before, after)) == [Statement("SELECT 1", 5, 30), Statement("SELECT 3", 2, 8)]


def test_counters_that_were_reset_count_from_nothing() -> None:
    before = {"1": Statement("SELECT 1", calls=10, total_ms=100)}
    after = {"1": Statement("SELECT 1", calls=3, total_ms=9)}
    assert list(between(before, after)) == [Statement("SELECT 1", 3, 9)]


def test_the_slowest_call_need_not_cost_most() -> None:
    often, slow = Statement("often", calls=1000, total_ms=900), Statement("slow", calls=2, total_ms=80)
    assert Statements([often, slow]).slowest is slow
    assert Statements([often, slow]).costliest is often


def test_where_nothing_ran_nothing_is_slowest() -> None:
    assert Statements().slowest is None
