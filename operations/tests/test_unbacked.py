"""A deploy that gives a store another image wants a fresh backup of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operations.changes import Change
from operations.deploy import refuse_unbacked
from operations.exit_codes import OperationError
from operations.running_stack import RunningStack
from operations.shelf import Shelf
from operations.tests.conftest import FakeApi

NEW_IMAGE = [Change("postgres", "stops", "STOPS for about 5 s", ("image",))]


@pytest.fixture
def hours(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """How old the last backups are, by store."""
    api.add("backup")
    ages: dict[str, float] = {}

    def listed(_: Shelf) -> list[dict[str, Any]]:
        now = datetime.now(UTC)
        return [{"store": store, "taken": (now - timedelta(hours=age)).isoformat()} for store, age in ages.items()]

    monkeypatch.setattr(Shelf, "_listed", listed)
    monkeypatch.setattr(Shelf, "exists", True)
    return ages


def test_with_a_fresh_one_it_goes_on(stack: RunningStack, hours: dict[str, float]):
    hours["postgres"] = 3
    refuse_unbacked(stack, NEW_IMAGE)


@pytest.mark.parametrize("age", [None, 30.0])
def test_without_one_it_is_refused(stack: RunningStack, hours: dict[str, float], age: float | None):
    hours |= {"redis": 1, **({"postgres": age} if age else {})}
    with pytest.raises(OperationError, match=r"no fresh backup of postgres \(last (never|20)"):
        refuse_unbacked(stack, NEW_IMAGE)


def test_other_limits_of_a_store_need_none(stack: RunningStack, hours: dict[str, float]):
    refuse_unbacked(stack, [Change("postgres", "stops", "STOPS", ("memory 1 -> 2",))])


def test_a_stack_that_makes_no_backups_is_not_asked_for_one(stack: RunningStack, api: FakeApi):
    api.add("redis")
    refuse_unbacked(stack, NEW_IMAGE)
