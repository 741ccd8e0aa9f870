"""Containers that come and go behind the edge while people work: nobody notices, and nothing is done twice."""

import json
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass

import pytest

from images.tests.edge_load import Load, load
from images.tests.edge_stand import Edge, Stand, stand
from images.tests.engine import Engine, Running, wait_until

pytestmark = pytest.mark.docker

ENOUGH_TO_MEAN_SOMETHING = 1000
KILLED = 137


@dataclass(frozen=True)
class Deploy:
    """A bad version that came and went under load, and a good one that took the old one's place."""

    load: Load
    old: list[str]
    broken: list[str]
    new: list[str]


@pytest.fixture(scope="module")
def alone(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    """A network whose containers are the test's own."""
    with stand(engine, image) as alone:
        yield alone


@pytest.fixture(scope="module")
def edge(alone: Stand) -> Iterator[Edge]:
    with alone.edge() as edge:
        yield edge


@pytest.fixture(scope="module")
def deploy(alone: Stand, edge: Edge) -> Deploy:
    with ExitStack() as running:
        old = running.enter_context(alone.backend("api", "old", DRAIN_SECONDS="2"))
        wait_until(lambda: _who(edge) == {"old"}, within=15, why=edge.running.logs)
        with load(edge.address) as sent:
            with alone.backend("api", "broken", alias="elsewhere", HEALTHY="no") as broken:
                # It listens before the edge hears of it: nothing but its check keeps requests away.
                wait_until(lambda: _listens(alone.address(broken)), within=15, why=broken.logs)
                alone.rename(broken, "api")
                time.sleep(3)
                asked_of_broken = _lines(broken)
            new = running.enter_context(alone.backend("api", "new"))
            wait_until(lambda: "new" in _who(edge), within=15, why=edge.running.logs)
            assert old.stop(within=30) != KILLED
            time.sleep(1)
        print(f"\n{sent.sent} requests, failed: {sent.failed or 'none'}, slowest {sent.slowest:.2f} s late")  # noqa: T201
        return Deploy(sent, _lines(old), asked_of_broken, _lines(new))


def test_no_request_is_lost(deploy: Deploy) -> None:
    assert deploy.load.failed == {}
    assert deploy.load.sent > ENOUGH_TO_MEAN_SOMETHING


def test_every_write_is_done_exactly_once(deploy: Deploy) -> None:
    done = Counter(line for line in deploy.old + deploy.new if line.startswith("POST /api/load "))
    assert set(done.values()) == {1}
    assert done.keys() == {f"POST /api/load {number}" for number in deploy.load.posted}


def test_version_that_is_never_healthy_is_not_asked(deploy: Deploy) -> None:
    assert deploy.broken == []


def test_old_and_new_version_both_did_their_part(deploy: Deploy) -> None:
    assert min(len(deploy.old), len(deploy.new)) > ENOUGH_TO_MEAN_SOMETHING / 10


def test_reader_does_not_notice_a_container_that_dies(alone: Stand, edge: Edge) -> None:
    with alone.backend("api", "survivor"), alone.backend("api", "victim") as victim:
        wait_until(lambda: _who(edge) == {"survivor", "victim"}, within=15, why=edge.running.logs)
        victim.container.kill()
        assert _who(edge, times=100) == {"survivor"}


def test_place_of_a_container_that_went_is_taken_again_and_again(alone: Stand, edge: Edge) -> None:
    for who in ("first", "second", "third"):
        with alone.backend("api", who):
            wait_until(lambda who=who: _who(edge) == {who}, within=15, why=edge.running.logs)  # type: ignore[misc]


def _lines(backend: Running) -> list[str]:
    """Method, path and number of every request that reached it, its checks left out."""
    return backend.logs().splitlines()


def _who(edge: Edge, times: int = 10) -> set[str]:
    """Who answers; "nobody" where nobody did."""
    answers = [edge.ask("/api/who") for _ in range(times)]
    return {json.loads(answer.body)["who"] if answer.status == 200 else "nobody" for answer in answers}


def _listens(address: str) -> bool:
    with suppress(OSError), socket.create_connection((address, 8000), timeout=1):
        return True
    return False
