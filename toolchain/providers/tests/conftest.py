"""The engines that a test of the docker provider runs on: the fake one always, a real one under `-m docker`."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import docker
import pytest

from toolchain.providers import container_start
from toolchain.providers.engine import Engine
from toolchain.providers.tests.fake_engine import FakeEngine
from toolchain.providers.tests.stage import Stage

_BASE = "debian:trixie-slim"
_COMMAND = ["sleep", "infinity"]


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.docker)])
def stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage on each engine."""
    if request.param == "fake":
        monkeypatch.setattr(container_start, "SETTLING_SECONDS", 0)
        image = f"sha256:{secrets.token_hex(32)}"
        yield Stage(FakeEngine({image: _COMMAND}), image)
        return
    stage = Stage(Engine(), request.getfixturevalue("real_image"))
    yield stage
    _clear(stage.prefix)


@pytest.fixture(scope="session")
def real_image() -> Iterator[str]:
    """An image whose command is the recorded one's."""
    client = docker.from_env()
    container = client.containers.create(_BASE, name=f"provider-test-image-{secrets.token_hex(4)}")
    made = container.commit(changes=['CMD ["sleep","infinity"]'])
    container.remove()
    assert made.id
    yield made.id
    client.images.remove(made.id)
    client.close()


def _clear(prefix: str) -> None:
    client = docker.from_env()
    for container in client.containers.list(all=True, filters={"name": prefix}):
        container.remove(force=True, v=True)
    for network in client.networks.list(names=[prefix]):
        network.remove()
    for volume in client.volumes.list(filters={"name": prefix}):
        volume.remove()
    client.close()
