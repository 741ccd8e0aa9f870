"""Sessions and lockouts in a real Redis, with time passing."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from images.tests.api_stores import empty_stand, with_redis
from images.tests.engine import IMAGES, Engine

TRIAL = IMAGES / "api" / "tests" / "session_trial.py"


@pytest.fixture(scope="module")
def outcome(engine: Engine, image: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """What the trial printed in the API's container."""
    with ExitStack() as stack:
        empty = stack.enter_context(empty_stand(engine, image("api")))
        stand = stack.enter_context(with_redis(empty, image("redis")))
        trial = stack.enter_context(stand.run(["python", "-c", TRIAL.read_text()]))
        assert trial.exit_code() == 0, trial.logs()
        yield json.loads(trial.logs())


def test_a_token_is_replaced_and_the_old_one_is_good_for_a_minute_more(outcome: dict[str, Any]) -> None:
    rotated = outcome["rotated"]
    assert rotated["changed"]
    assert rotated["both valid"] == [True, True]
    overlap, idle = rotated["lifetimes"]
    assert 50 <= overlap <= 60
    assert 12 * 3600 - 10 <= idle <= 12 * 3600


def test_many_requests_with_one_token_get_one_successor_and_the_same_again(outcome: dict[str, Any]) -> None:
    assert outcome["rotated"]["same again"]
    assert outcome["crowd"] == {"successors": 1, "good": True, "fields": 2}


def test_closing_all_sessions_in_the_middle_of_a_replacement_leaves_none(outcome: dict[str, Any]) -> None:
    assert outcome["interrupted"] == {"found": False, "left": 0}


def test_redis_cannot_evict_sessions_and_shows_no_token(outcome: dict[str, Any]) -> None:
    assert not outcome["rotated"]["key expires"], "only keys with a lifetime are evicted"
    assert not outcome["rotated"]["kept in clear"]


@pytest.mark.parametrize("way", ["idle", "long", "closed", "other stays", "all closed", "nothing left"])
def test_a_session_ends(outcome: dict[str, Any], way: str) -> None:
    assert outcome["ended"][way]


def test_what_is_no_token_opens_nothing(outcome: dict[str, Any]) -> None:
    assert outcome["ended"]["nonsense"] == [None] * 5


def test_five_attempts_are_tried_however_many_come_at_once_and_the_lock_ends(outcome: dict[str, Any]) -> None:
    locked = outcome["locked"]
    assert locked == {"tried": 5, "longest": 2, "other": 0, "after": 0}


def test_people_count_once_for_as_long_as_anybody_asks(outcome: dict[str, Any]) -> None:
    assert outcome["present"] == {"counted": [[5, 1], [15, 2]], "kept": 2}
