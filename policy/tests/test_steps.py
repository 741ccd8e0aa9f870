"""The steps of a preview, read by the rules."""

from typing import Any

from policy.resource import Stack
from policy.steps import refusals

STACK = Stack("dev", for_evaluation=True)


def step(operation: str, kind: str, name: str, **state: Any) -> dict[str, Any]:
    """A step as `pulumi preview --json` writes it: what goes has an old state alone."""
    urn = f"urn:pulumi:dev::market-research::market-research:infra:Stack${kind}::{name}"
    which = "oldState" if operation.startswith("delete") else "newState"
    return {"op": operation, "urn": urn, which: {"urn": urn, "type": kind, **state}}


def test_what_stays_as_it_is_is_looked_at_too():
    (sentence,) = refusals([step("same", "docker:index/volume:Volume", "redis-data", inputs={})], STACK)
    assert sentence.startswith("volume redis-data: it is not retained")


def test_what_is_retained_is_fine():
    volume = step("create", "docker:index/volume:Volume", "redis-data", inputs={}, retainOnDelete=True)
    assert refusals([volume], STACK) == []


def test_what_goes_and_what_is_no_docker_resource_is_not_looked_at():
    gone = step("delete-replaced", "docker:index/volume:Volume", "redis-data", inputs={})
    component = step("create", "market-research:infra:Volume", "redis-data")
    assert refusals([gone, component], STACK) == []


def test_a_replacement_in_three_steps_is_told_once():
    steps = [step(one, "docker:index/volume:Volume", "redis-data", inputs={}) for one in ("create-replacement", "same")]
    assert len(refusals(steps, STACK)) == 1
