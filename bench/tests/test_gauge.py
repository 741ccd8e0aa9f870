from typing import Any

from bench.gauge import MIB, Gauge, used

SECOND = 10**9


def reading(megabytes: int, seconds: float = 0, busy: float = 0) -> dict[str, Any]:
    """What Docker tells on a machine with two cores: its time is the sum over them."""
    return {
        "memory_stats": {"usage": megabytes * MIB, "stats": {"inactive_file": 0}},
        "cpu_stats": {
            "cpu_usage": {"total_usage": int(busy * SECOND)},
            "system_cpu_usage": int(seconds * 2 * SECOND),
            "online_cpus": 2,
        },
    }


def test_the_peak_stays_and_the_last_reading_is_the_final_one() -> None:
    gauge = Gauge(limit_mb=512, limit_cores=1)
    for megabytes in (100, 300, 200):
        gauge.take(reading(megabytes))
    assert (gauge.peak_mb, gauge.final_mb) == (300, 200)


def test_cores_are_counted_over_the_whole_time() -> None:
    gauge = Gauge(limit_mb=512, limit_cores=1)
    for seconds, busy in ((10, 5), (11, 5.9), (14, 8)):
        gauge.take(reading(1, seconds, busy))
    assert gauge.cores == 0.75


def test_a_container_that_has_just_ended_tells_nothing() -> None:
    gauge = Gauge(limit_mb=512, limit_cores=1)
    gauge.take({"memory_stats": {}, "cpu_stats": {}})
    assert (gauge.peak_mb, gauge.cores) == (0, 0)


def test_file_cache_that_can_be_taken_back_is_not_in_use() -> None:
    assert used({"usage": 100, "stats": {"inactive_file": 30}}) == 70
    assert used({"usage": 100, "stats": {"total_inactive_file": 40}}) == 60
