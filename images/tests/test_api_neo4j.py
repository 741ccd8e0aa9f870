"""The API and its migration job with a real Neo4j beside the other stores."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from images.tests.api_stand import SECRETS, Stand
from images.tests.api_stores import empty_stand, with_neo4j, with_postgres, with_redis
from images.tests.engine import Engine

# Long enough for the three wrong logins after which Neo4j refuses its user altogether.
PROBED_SECONDS = 5


@pytest.fixture(scope="module")
def stand(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    """All three stores, fresh."""
    with ExitStack() as stack:
        empty = stack.enter_context(empty_stand(engine, image("api")))
        redis = stack.enter_context(with_redis(empty, image("redis")))
        postgres = stack.enter_context(with_postgres(redis, image("postgres")))
        yield stack.enter_context(with_neo4j(postgres, image("neo4j")))


@pytest.fixture(scope="module")
def first_two(stand: Stand) -> list[tuple[int, list[str]]]:
    """The outcome of two jobs that started together."""
    with ThreadPoolExecutor(2) as both:
        return [job.result() for job in [both.submit(stand.migrate, "--patience", "0") for _ in range(2)]]


def test_two_jobs_at_once_both_succeed_and_only_one_adds_the_constraints(
    first_two: list[tuple[int, list[str]]],
) -> None:
    assert [code for code, _ in first_two] == [0, 0]
    assert sorted(log[-1] for _, log in first_two) == [
        "migrate: neo4j constraints: 0 added, 5 in place",
        "migrate: neo4j constraints: 5 added, 5 in place",
    ]


@pytest.mark.usefixtures("first_two")
def test_with_all_stores_everything_is_up_and_neo4j_may_go_and_come_back(stand: Stand) -> None:
    with stand.api() as api:
        api.wait_for(code=200, status="ok", postgres="up", redis="up", neo4j="up")
        neo4j = stand.engine.client.containers.get(stand.neo4j)
        neo4j.pause()
        try:
            api.wait_for(code=200, status="ok", neo4j="down")
        finally:
            neo4j.unpause()
        api.wait_for(code=200, neo4j="up")


@pytest.mark.usefixtures("first_two")
def test_an_api_with_a_wrong_password_does_not_lock_out_who_knows_the_right_one(stand: Stand) -> None:
    with stand.api(secrets={**SECRETS, "neo4j_password": "battery-staple"}) as api:
        start = time.monotonic()
        api.running.wait_until(lambda: api.health()["neo4j"] == "up" or time.monotonic() - start > PROBED_SECONDS)
        assert api.health()["neo4j"] == "down"
        code, log = stand.migrate("--patience", "0")
    assert code == 0, log
