"""A plan is held against the policy before anybody is asked."""

from typing import Any

import pytest

from operations import plan
from operations.exit_codes import ExitCode, OperationError
from operations.pulumi_cli import Pulumi
from operations.running_stack import RunningStack

URN = "urn:pulumi:dev::market-research::docker:index/volume:Volume::redis-data"


def previews(monkeypatch: pytest.MonkeyPatch, **state: Any) -> None:
    """From here on a preview finds a volume in this state."""
    steps = [{"op": "create", "urn": URN, "newState": {"urn": URN, "type": "docker:index/volume:Volume", **state}}]
    monkeypatch.setattr(Pulumi, "preview", lambda _: steps)
    monkeypatch.setattr(plan, "connected", lambda: None)


def test_what_the_policy_refuses_is_no_plan(stack: RunningStack, monkeypatch):
    previews(monkeypatch)
    with pytest.raises(OperationError) as refused:
        plan.planned(stack.file)
    assert refused.value.code == ExitCode.BROKEN
    first, second = str(refused.value).splitlines()
    assert first == "the policy refuses this; nothing was changed"
    assert second.startswith("volume redis-data: it is not retained")


def test_what_it_does_not_is_told_as_before(stack: RunningStack, monkeypatch):
    previews(monkeypatch, retainOnDelete=True)
    assert plan.planned(stack.file) == []
