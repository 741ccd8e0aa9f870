"""What goes wrong is said with its cause, and leaves nothing half-made behind."""

from __future__ import annotations

import threading
from typing import Any
from unittest.mock import MagicMock

import pytest

from toolchain.providers import engine
from toolchain.providers.difference import difference
from toolchain.providers.engine import Engine
from toolchain.providers.failures import InitError, ProviderError
from toolchain.providers.resource import State
from toolchain.providers.tests.stage import Stage

_SICK = {"tests": ["CMD", "false"], "interval": "1s", "timeout": "1s", "retries": 1}


def _refused(stage: Stage, **inputs: Any) -> str:
    with pytest.raises(ProviderError) as caught:
        stage.containers.create(stage.container(**inputs))
    return str(caught.value)


def _can_be_made_now(stage: Stage) -> bool:
    """Say whether the name is free: a container left behind would hold it."""
    made = stage.containers.create(stage.container())
    stage.containers.delete(made)
    return True


def test_a_missing_image_is_named_with_the_ways_out(stage: Stage) -> None:
    text = _refused(stage, image="provider-test/none:missing")

    assert text.startswith("Unable to create container with image provider-test/none:missing: unable to pull image")
    assert "docker load" in text


def test_an_image_id_that_the_engine_lacks_is_not_pulled(stage: Stage) -> None:
    text = _refused(stage, image=f"sha256:{'0' * 64}")

    assert text.endswith("the engine has no image of this id: build it anew")


def test_a_name_that_is_taken_is_refused_in_the_engines_words(stage: Stage) -> None:
    stage.containers.create(stage.container())

    assert f'The container name "/{stage.prefix}x" is already in use' in _refused(stage)


def test_a_port_that_is_taken_is_named_and_the_container_does_not_stay(stage: Stage) -> None:
    ports = [{"internal": 80, "external": stage.port, "ip": "127.0.0.1", "protocol": "tcp"}]
    first = stage.containers.create(stage.container(ports=ports))
    text = _refused(stage, name=f"{stage.prefix}y", ports=ports)
    stage.containers.delete(first)

    assert f"Unable to start container {stage.prefix}y" in text
    assert str(stage.port) in text
    assert stage.containers.create(stage.container(name=f"{stage.prefix}y", ports=ports))


def test_a_missing_network_is_named_and_the_container_does_not_stay(stage: Stage) -> None:
    text = _refused(stage, networksAdvanced=[{"name": f"{stage.prefix}none"}])

    assert f"network {stage.prefix}none not found" in text
    assert _can_be_made_now(stage)


def test_an_upload_into_a_read_only_container_is_refused(stage: Stage) -> None:
    text = _refused(stage, readOnly=True, uploads=[{"file": "/etc/x", "content": "y"}])

    assert text.startswith("Unable to upload /etc/x: Error response from daemon:")
    assert "read-only" in text


def test_a_container_that_must_run_and_ends_at_once_shows_its_last_lines(stage: Stage) -> None:
    text = _refused(stage, command=["sh", "-c", "echo lost; exit 7"])

    assert text == f"container {stage.prefix}x exited immediately with code 7; its last lines:\nlost"
    assert _can_be_made_now(stage)


def test_a_container_that_never_gets_healthy_stays_in_state_as_unfinished(stage: Stage) -> None:
    inputs = stage.container(healthcheck=_SICK, wait=True, waitTimeout=1)
    with pytest.raises(InitError, match="container failed to be in healthy state within 1 s") as caught:
        stage.containers.create(inputs)
    failure = caught.value

    assert stage.containers.read(State(failure.identifier, failure.outputs, failure.inputs))
    replaces = difference(stage.containers.kind, failure.outputs, failure.inputs).replaces
    assert replaces[:2] == ["command", "entrypoints"]


def test_a_limit_below_the_minimum_keeps_the_old_inputs(stage: Stage) -> None:
    made = stage.containers.create(stage.container(memory=64, memorySwap=64))
    with pytest.raises(InitError, match="Minimum memory limit allowed is 6MB") as caught:
        stage.containers.update(made, {**made.inputs, "memory": 2, "memorySwap": 2}, preview=False)

    assert (caught.value.outputs["memory"], caught.value.inputs["memory"]) == (2, 64)


def test_cancelling_ends_the_wait_for_an_attached_job(stage: Stage) -> None:
    threading.Timer(0.5, stage.cancelled.set).start()
    with pytest.raises(InitError, match=r"cancelled while container .* was still running"):
        stage.containers.create(stage.container(attach=True, mustRun=False))


def test_an_engine_that_does_not_answer_is_named_with_the_way_out(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")

    with pytest.raises(ProviderError, match=r"no Docker engine answers at unix://.*none\.sock.*set DOCKER_HOST"):
        Stage(Engine(), "x").volumes.create({"name": "x"})


def test_a_configured_host_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setenv("DOCKER_HOST", "unix:///elsewhere.sock")
    monkeypatch.setattr(engine, "APIClient", lambda **settings: asked.update(settings) or MagicMock())

    with Engine("unix:///mine.sock").client():
        assert asked["base_url"] == "unix:///mine.sock"
