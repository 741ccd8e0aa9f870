from dataclasses import replace

import pytest

from bench.plan import MOST_USERS, SLOWEST_MS, Kind, Plan, Step, read, written

FAST = Kind("all answers", requests=600, failures=0, per_second=10, p50=20, p95=SLOWEST_MS, p99=900)
STEP = Step(users=20, seconds=60, overall=FAST, kinds=(FAST,), errors={})


def plan(*, ramp: bool) -> Plan:
    return Plan("http://127.0.0.1:8080", "/sign-up#once", users=20, seconds=60, ramp=ramp)


def test_without_a_ramp_one_crowd_comes() -> None:
    assert list(plan(ramp=False).crowds()) == [20]


def test_a_ramp_grows_by_half_and_is_bounded() -> None:
    crowds = list(plan(ramp=True).crowds())
    assert crowds[:4] == [20, 30, 45, 68]
    assert MOST_USERS / 1.5 < crowds[-1] <= MOST_USERS


@pytest.mark.parametrize(
    ("overall", "steady"),
    [(FAST, True), (replace(FAST, p95=SLOWEST_MS + 1), False), (replace(FAST, failures=1), False)],
    ids=["as slow as allowed", "slower", "one failure"],
)
def test_a_crowd_is_carried_when_nothing_fails_and_hardly_anybody_waits(overall: Kind, steady: bool) -> None:
    assert replace(STEP, overall=overall).steady is steady


def test_what_the_load_generator_writes_is_what_is_read() -> None:
    steps = [STEP, replace(STEP, users=30, errors={"GET /api/usage: 503": 2})]
    assert read(written(steps)) == steps
