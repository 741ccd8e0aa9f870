"""A preview in words; preview.json is of a run with --show-replacement-steps, trimmed to what is read of it.

There PostgreSQL got fewer cores, Redis new passwords and the API another source, behind the edge.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from operations.changes import Change, in_words

PREVIEW = json.loads(Path(__file__).with_name("preview.json").read_text())
CONTAINER, VOLUME = "docker:index/container:Container", "docker:index/volume:Volume"


def step(operation: str, name: str, kind: str = CONTAINER, **facts: Any) -> dict[str, Any]:
    """A step as `pulumi preview --json` writes it."""
    parents = "market-research:infra:Stack$market-research:services:Api"
    urn = f"urn:pulumi:dev::market-research::{parents}${kind}::{name}"
    return {"op": operation, "urn": urn, "oldState": {"id": "1"}, **facts}


def told() -> dict[str, Change]:
    return {change.what: change for change in in_words(PREVIEW)}


def test_what_pulumi_deletes_before_its_replacement_stops_and_is_told_first():
    assert list(told())[:2] == ["postgres", "redis"]
    postgres = told()["postgres"]
    assert (postgres.impact, postgres.sentence) == ("stops", "STOPS for about 5 s (210 s at most)")


def test_what_pulumi_deletes_after_its_replacement_is_replaced_without_downtime():
    assert (told()["api"].impact, told()["api"].sentence) == ("no downtime", "is replaced without downtime")


def test_why_is_told_in_words_with_plain_numbers_and_no_secret():
    assert told()["postgres"].because == ("cpus 1 -> 0.9",)
    assert told()["redis"].because == ("secrets",)
    assert told()["api"].because == ("image", "secrets")


def test_a_rebuilt_image_new_passwords_and_the_migration_happen_beside():
    beside = [change.what for change in in_words(PREVIEW) if change.impact == "beside"]
    assert beside == ["image api", "password of redis", "migration"]


def test_the_names_of_variables_that_differ_are_told_and_their_values_are_not():
    envs: dict[str, Any] = {
        "oldState": {"inputs": {"envs": ["A=1", "B=2"]}},
        "newState": {"inputs": {"envs": ["A=1", "B=3", "C=4"]}},
    }
    (change,) = in_words([step("update", "api", diffReasons=["envs"], **envs)])
    assert change == Change("api", "no downtime", "is changed while it runs", ("environment B, C",))


def test_a_data_volume_that_is_replaced_would_lose_data_and_is_told_first():
    container = [step("delete-replaced", "postgres"), step("create-replacement", "postgres")]
    volume = step("create-replacement", "postgres-data", VOLUME, replaceReasons=["labels"])
    first, second = in_words([*container, volume])
    assert (first.what, first.impact, first.because) == ("data of postgres", "loses data", ("labels",))
    assert second.impact == "stops"


@pytest.mark.parametrize(
    ("new_name", "retained", "impact"),
    [("kept", True, "beside"), ("kept", False, "loses data"), ("other", True, "loses data")],
)
def test_a_data_volume_that_keeps_its_name_and_stays_is_taken_over(new_name: str, retained: bool, impact: str):
    old = {"id": "kept", "inputs": {"name": "kept"}, "retainOnDelete": retained}
    states = {"oldState": old, "newState": {"inputs": {"name": new_name}, "retainOnDelete": True}}
    steps = [step(one, "postgres-data", VOLUME, **states) for one in ("create-replacement", "replace")]
    (change,) = in_words([*steps, {**step("delete-replaced", "postgres-data", VOLUME), "oldState": old}])
    assert change.impact == impact


def test_a_data_volume_that_leaves_the_stack_stays_on_the_engine():
    (change,) = in_words([step("delete", "edge-data", VOLUME)])
    assert change.impact == "beside"
    assert "the volume stays" in change.sentence


def test_what_an_unfinished_deploy_left_is_no_stop_of_the_service():
    (change,) = in_words([step("delete-replaced", "api", oldState={"id": "old", "delete": True})])
    assert change.impact == "beside"


def test_what_an_unfinished_deploy_left_does_not_make_the_next_one_stop_first():
    left = step("delete-replaced", "api", oldState={"id": "old", "delete": True})
    (change,) = in_words([left, step("create-replacement", "api"), step("delete-replaced", "api")])
    assert change.impact == "no downtime"


@pytest.mark.parametrize(
    ("name", "impact"), [("api", "stops"), ("api-2", "no downtime")], ids=["the service", "one of its replicas"]
)
def test_taking_away_stops_only_what_has_no_other_replica(name: str, impact: str):
    (change,) = in_words([step("delete", name)])
    assert (change.what, change.impact) == (name, impact)


def test_helpers_of_secrets_and_what_stays_are_nobodys_business():
    assert in_words([step("create", "api-secrets"), step("same", "api"), step("read", "redis")]) == []


def test_jobs_that_wait_are_told_of_once_and_stop_nobody():
    waiting: Any = {"inputs": {"start": False}}
    steps = [step("create", name, newState=waiting) for name in ("backup-postgres", "neo4j-dump", "drill-judge")]
    assert [(change.what, change.impact) for change in in_words(steps)] == [("jobs of backups", "beside")]
