"""Created, refreshed, changed, removed: every state looks like the one that the official plugin recorded."""

from __future__ import annotations

import pytest

from toolchain.providers.difference import difference
from toolchain.providers.resource import Resource, State
from toolchain.providers.tests.stage import Stage, creation, shape
from toolchain.providers.tests.traffic import Call, recorded

_HEALTHY = {"interval": "1s", "retries": 3, "startInterval": "0s", "startPeriod": "1s", "timeout": "1s"}
_HEALTHY_CHECK = {**_HEALTHY, "tests": ["CMD", "true"]}


def _container(stage: Stage) -> State:
    for name in ("net", "pub", "vol"):
        stage.create("02-up-create", name)
    return stage.create("02-up-create", "c", healthcheck=_HEALTHY_CHECK)


def _jobs(stage: Stage, name: str) -> State:
    for first in ("net", "secrets"):
        stage.create("31-jobs-up", first)
    return stage.create("31-jobs-up", name)


def _reading(step: str, name: str) -> Call:
    return next(call for call in recorded("Read") if call.step == step and call.name == name)


def _official(stage: Stage, call: Call) -> State:
    assert call.response
    found = stage.here(call.response)
    if found["properties"].get("healthcheck", {}) and call.name == "c":
        found["properties"]["healthcheck"] = _HEALTHY_CHECK
    return State("", shape(found["properties"]), found.get("inputs", {}))


@pytest.mark.parametrize("name", ["net", "pub", "vol"])
def test_a_created_network_or_volume_looks_like_the_official_one(stage: Stage, name: str) -> None:
    made = stage.create("02-up-create", name)

    assert shape(made.outputs) == _official(stage, creation("02-up-create", name)).outputs


def test_a_volume_that_was_there_is_taken_over_with_its_labels(stage: Stage) -> None:
    inputs = {"name": "kept", "labels": [{"label": "pulumi.stack", "value": "dev"}]}
    first = stage.volumes.create(inputs)
    try:
        assert stage.volumes.create(inputs).outputs["labels"] == inputs["labels"]
    finally:
        stage.volumes.delete(first)


def test_a_created_container_looks_like_the_official_one(stage: Stage) -> None:
    made = _container(stage)

    assert shape(made.outputs) == _official(stage, creation("02-up-create", "c")).outputs


@pytest.mark.parametrize("name", ["seed", "migrate", "api"])
def test_a_created_job_looks_like_the_official_one(stage: Stage, name: str) -> None:
    made = _jobs(stage, name)

    assert shape(made.outputs) == _official(stage, creation("31-jobs-up", name)).outputs


@pytest.mark.parametrize("name", ["net", "pub", "vol"])
def test_a_refreshed_network_or_volume_looks_like_the_official_one(stage: Stage, name: str) -> None:
    call = _reading("04-preview-refresh", name)
    found = stage.resource(call).read(stage.create("02-up-create", name))

    assert found
    assert shape(found.outputs) == _official(stage, call).outputs
    assert found.inputs == _official(stage, call).inputs


def test_a_refreshed_container_looks_like_the_official_one(stage: Stage) -> None:
    call = _reading("04-preview-refresh", "c")
    found = stage.containers.read(_container(stage))

    assert found
    assert shape(found.outputs) == _official(stage, call).outputs
    assert found.inputs | {"healthcheck": 0} == _official(stage, call).inputs | {"healthcheck": 0}


@pytest.mark.parametrize("name", ["seed", "migrate", "api"])
def test_a_refreshed_job_looks_like_the_official_one(stage: Stage, name: str) -> None:
    call = _reading("33-jobs-refresh", name)
    found = stage.containers.read(_jobs(stage, name))

    assert found
    assert shape(found.outputs) == _official(stage, call).outputs
    assert found.inputs == _official(stage, call).inputs


@pytest.mark.parametrize("name", ["seed", "migrate", "api"])
def test_what_was_created_shows_no_difference_plain_or_refreshed(stage: Stage, name: str) -> None:
    made = _jobs(stage, name)
    found = stage.containers.read(made)

    assert found
    for outputs in (made.outputs, found.outputs):
        assert difference(stage.containers.kind, outputs, made.inputs).actions == {}


@pytest.mark.parametrize("name", ["seed", "migrate", "api"])
def test_what_the_official_plugin_left_in_state_is_taken_over_without_a_difference(stage: Stage, name: str) -> None:
    made, call = _jobs(stage, name), creation("31-jobs-up", name)
    assert call.response
    official = State(made.identifier, stage.here(call.response["properties"]), made.inputs)
    found = stage.containers.read(official)

    assert found
    assert shape(found.outputs) == _official(stage, _reading("33-jobs-refresh", name)).outputs
    assert difference(stage.containers.kind, found.outputs, made.inputs).actions == {}


def test_a_limit_changed_by_hand_shows_as_drift(stage: Stage) -> None:
    made = _container(stage)
    with stage.engine.client() as client:
        client.update_container(made.identifier, mem_limit=80 * 2**20, memswap_limit=80 * 2**20)
    found = stage.containers.read(made)

    assert found
    assert (found.inputs["memory"], found.inputs["memorySwap"]) == (80, 80)
    assert difference(stage.containers.kind, found.outputs, made.inputs).changed == ["memory", "memorySwap"]


def test_a_stopped_container_looks_like_the_official_one(stage: Stage) -> None:
    call = _reading("10-drift-stopped", "c")
    made = _container(stage)
    with stage.engine.client() as client:
        client.update_container(made.identifier, mem_limit=80 * 2**20, memswap_limit=80 * 2**20)
        client.stop(made.identifier, timeout=5)
    found = stage.containers.read(made)

    assert found
    assert shape(found.outputs) == _official(stage, call).outputs
    assert difference(stage.containers.kind, found.outputs, made.inputs).replaces == ["ports"]


def test_what_was_removed_by_hand_is_gone(stage: Stage) -> None:
    network, volume = (stage.create("02-up-create", name) for name in ("pub", "vol"))
    container = stage.containers.create(stage.container())
    with stage.engine.client() as client:
        client.remove_container(container.identifier, v=True, force=True)
        client.remove_network(network.identifier)
        client.remove_volume(volume.identifier)

    assert stage.containers.read(container) is None
    assert stage.networks.read(network) is None
    assert stage.volumes.read(volume) is None


def test_deleting_what_is_gone_is_fine(stage: Stage) -> None:
    made: list[tuple[Resource, State]] = [
        (stage.networks, stage.create("02-up-create", "pub")),
        (stage.volumes, stage.create("02-up-create", "vol")),
        (stage.containers, stage.containers.create(stage.container(destroyGraceSeconds=2))),
    ]
    for resource, state in made * 2:
        resource.delete(state)

    assert [resource.read(state) for resource, state in made] == [None, None, None]


def test_limits_and_restart_policy_change_in_place(stage: Stage) -> None:
    made = _container(stage)
    news = {**made.inputs, "memory": 96, "memorySwap": 96, "restart": "always"}
    changed = stage.containers.update(made, news, preview=False)
    found = stage.containers.read(State(made.identifier, changed, news))

    assert found
    assert (found.outputs["memory"], found.outputs["memorySwap"], found.outputs["restart"]) == (96, 96, "always")
    assert found.identifier == made.identifier


def test_a_preview_of_an_update_changes_nothing(stage: Stage) -> None:
    made = _container(stage)
    stage.containers.update(made, {**made.inputs, "memory": 96, "memorySwap": 96}, preview=True)
    found = stage.containers.read(made)

    assert found
    assert found.outputs["memory"] == made.outputs["memory"]


def test_a_container_that_must_run_again_is_started_in_place(stage: Stage) -> None:
    made = stage.containers.create(stage.container())
    with stage.engine.client() as client:
        client.stop(made.identifier, timeout=1)
    stopped = stage.containers.read(made)
    assert stopped
    changed = stage.containers.update(stopped, made.inputs, preview=False)
    found = stage.containers.read(State(made.identifier, changed, made.inputs))

    assert found
    assert (stopped.outputs["mustRun"], found.outputs["mustRun"]) == (False, True)


def test_an_existing_container_can_be_imported_by_its_id(stage: Stage) -> None:
    made = stage.containers.create(stage.container(memory=64, memorySwap=64))
    found = stage.containers.read(State(made.identifier, {}, {}))

    assert found
    assert found.inputs == {"image": stage.image, "memory": 64, "memorySwap": 64, "name": made.outputs["name"]}
    assert difference(stage.containers.kind, found.outputs, made.inputs).actions == {}
