"""A preview in words."""

from typing import Any

import pytest

from infra.services.api import Api
from operations.plan import in_words

CONTAINER = "docker:index/container:Container"


def step(operation: str, name: str, kind: str = CONTAINER, **facts: Any) -> dict[str, Any]:
    """A step as `pulumi preview --json` writes it."""
    parents = "market-research:infra:Stack$market-research:services:Api"
    return {"op": operation, "urn": f"urn:pulumi:dev::market-research::{parents}${kind}::{name}", **facts}


@pytest.mark.parametrize("operation", ["replace", "create-replacement", "delete-replaced"])
def test_what_starts_first_is_replaced_without_downtime(operation: str):
    (change,) = in_words([step(operation, "api", replaceReasons=["envs"])], [Api])
    assert (change.what, change.impact, change.because) == ("api", "no downtime", ("envs",))


def test_what_stops_first_is_said_to_stop_with_the_most_it_takes():
    (change,) = in_words([step("replace", "api")], [])
    assert change.impact == "stops"
    assert change.sentence == "STOPS and is replaced, usually in seconds, 60 s at most"


def test_a_replica_is_named_by_its_number():
    (change,) = in_words([step("create", "api-2")], [Api])
    assert (change.what, change.sentence) == ("api-2", "is started")


def test_a_data_volume_that_is_replaced_loses_data_and_is_told_first():
    volume = step("replace", "postgres-data", "docker:index/volume:Volume")
    first, _ = in_words([step("replace", "postgres"), volume], [])
    assert (first.what, first.impact) == ("data of postgres", "loses data")


def test_helpers_of_secrets_are_nobodys_business():
    assert in_words([step("replace", "api-secrets")], []) == []


def test_nothing_that_stays_the_same_is_told():
    assert in_words([step("same", "api"), step("read", "redis")], [Api]) == []
