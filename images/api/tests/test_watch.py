"""How one store is watched."""

import logging
import time

import anyio
import pytest
from market_research import watch
from market_research.checks import LoginRefusedError
from market_research.watch import Watch

from tests.conftest import FakeStore

pytestmark = pytest.mark.anyio


async def test_a_store_that_hangs_is_not_asked_again_while_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PATIENCE_SECONDS", 0.01)
    store = FakeStore(hangs=True)
    watched = Watch("redis", store, required=True)
    assert [(await watched.look()).up for _ in range(5)] == [False] * 5
    assert store.asked == 1


async def test_a_question_that_hangs_too_long_is_dropped_and_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(watch, "HANGING_SECONDS", 0.01)
    store = FakeStore(hangs=True)
    watched = Watch("redis", store, required=True)
    assert not (await watched.look()).up
    store.hangs = False
    assert (await watched.look()).up


async def test_after_a_refused_login_the_store_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    store = FakeStore(error=LoginRefusedError("wrong password"))
    watched = Watch("neo4j", store, required=False)
    for _ in range(5):
        assert not (await watched.look()).up
    assert store.asked == 1
    later = time.monotonic() + watch.REFUSED_PAUSE_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    store.error = None
    assert (await watched.look()).up


async def test_a_change_of_state_is_logged_once_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    store = FakeStore(error=OSError("no route\nto host"))
    watched = Watch("postgres", store, required=True)
    for _ in range(3):
        await watched.look()
    store.error = None
    for _ in range(3):
        await watched.look()
    assert caplog.messages == ["postgres is down: no route to host", "postgres is up"]


async def test_the_latency_is_the_time_of_the_answer_in_milliseconds() -> None:
    async def slow() -> None:
        await anyio.sleep(0.05)

    sight = await Watch("redis", slow, required=True).look()
    assert sight.latency_ms is not None
    assert 50 <= sight.latency_ms < 500
