"""Containers, networks and volumes on a real engine: the outputs have the shapes that the official plugin gave them."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import docker
import pytest
from docker import DockerClient

from toolchain.providers.container import Containers
from toolchain.providers.engine import Engine
from toolchain.providers.network import Networks
from toolchain.providers.resource import Cancelled, Resource, State
from toolchain.providers.schema import Values, without_bookkeeping
from toolchain.providers.tests.traffic import Call, recorded
from toolchain.providers.volume import Volumes

pytestmark = pytest.mark.docker

_BASE = "debian:trixie-slim"
_RECORDED_IMAGE = "sha256:c86987981b0da844bc27b756b12d87ce17f97e038690d6fe7cea246a7f3077be"
_VOLATILE = frozenset(
    {"id", "image", "hostname", "networkDatas", "ipamConfigs", "mountpoint", "name", "ports", "volumes"}
)


@dataclass
class Stage:
    """A part of the engine that is this test's own: what it makes carries its prefix and goes away with it."""

    client: DockerClient
    image: str
    prefix: str = field(default_factory=lambda: f"provider-test-{secrets.token_hex(4)}-")

    def __post_init__(self) -> None:
        engine = Engine()
        resources: list[Resource] = [Containers(engine, Cancelled()), Networks(engine), Volumes(engine)]
        self.resources = {resource.kind.token: resource for resource in resources}
        self.port = _free_port()

    def here(self, values: Any) -> Any:
        """Return recorded values with this stage's names, image and port."""
        text = json.dumps(values).replace(_RECORDED_IMAGE, self.image)
        text = text.replace("rec-", self.prefix).replace("rec2-", self.prefix).replace("18080", str(self.port))
        for logical in ("net", "seed", "migrate", "api"):
            text = text.replace(f'"{logical}-', f'"{self.prefix}{logical}-')
        return json.loads(text)

    def create(self, call: Call) -> State:
        return self.resources[call.request["type"]].create(self.here(call.request["properties"]))

    def clear(self) -> None:
        for container in self.client.containers.list(all=True, filters={"name": self.prefix}):
            container.remove(force=True, v=True)
        for network in self.client.networks.list(names=[self.prefix]):
            network.remove()
        for volume in self.client.volumes.list(filters={"name": self.prefix}):
            volume.remove()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def image() -> Iterator[str]:
    client = docker.from_env()
    container = client.containers.create(_BASE, name=f"provider-test-image-{secrets.token_hex(4)}")
    made = container.commit(changes=['CMD ["sleep","infinity"]'])
    container.remove()
    assert made.id
    yield made.id
    client.images.remove(made.id)
    client.close()


@pytest.fixture
def stage(image: str) -> Iterator[Stage]:
    client = docker.from_env()
    stage = Stage(client, image)
    yield stage
    stage.clear()
    client.close()


def _creation(step: str, name: str) -> Call:
    return next(call for call in recorded("Create") if call.step == step and call.name == name)


def _shape(outputs: Values) -> Values:
    values = without_bookkeeping(outputs)
    return {name: _kinds(value) if name in _VOLATILE else value for name, value in values.items()}


def _kinds(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _kinds(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_kinds(inner) for inner in value]
    return type(value).__name__


def _same(stage: Stage, made: State, call: Call) -> None:
    assert call.response
    assert _shape(made.outputs) == _shape(stage.here(call.response["properties"]))


@pytest.mark.parametrize("name", ["net", "pub", "vol"])
def test_a_created_network_or_volume_looks_like_the_official_one(stage: Stage, name: str) -> None:
    call = _creation("02-up-create", name)

    _same(stage, stage.create(call), call)


def test_a_created_container_looks_like_the_official_one(stage: Stage) -> None:
    for name in ("net", "pub", "vol"):
        stage.create(_creation("02-up-create", name))
    call = _creation("02-up-create", "c")
    call.request["properties"]["healthcheck"]["tests"] = ["CMD", "true"]
    assert call.response
    call.response["properties"]["healthcheck"]["tests"] = ["CMD", "true"]

    _same(stage, stage.create(call), call)


@pytest.mark.parametrize("name", ["seed", "migrate", "api"])
def test_a_created_job_looks_like_the_official_one(stage: Stage, name: str) -> None:
    for first in ("net", "secrets"):
        stage.create(_creation("31-jobs-up", first))
    call = _creation("31-jobs-up", name)

    _same(stage, stage.create(call), call)
