"""A stage for the recorded calls: names, image and port of its own, on a fake engine or on a real one."""

from __future__ import annotations

import json
import secrets
import socket
from dataclasses import dataclass
from typing import Any

from toolchain.providers.container import Containers
from toolchain.providers.network import Networks
from toolchain.providers.resource import Cancelled, Resource, State
from toolchain.providers.schema import Values, without_bookkeeping
from toolchain.providers.tests.traffic import Call, recorded
from toolchain.providers.volume import Volumes

_RECORDED_IMAGE = "sha256:c86987981b0da844bc27b756b12d87ce17f97e038690d6fe7cea246a7f3077be"
_RECORDED_PORT = "18080"
_VOLATILE = ("id", "hostname", "networkDatas", "ipamConfigs", "mountpoint")


@dataclass
class Stage:
    """Makes what was recorded, under its own prefix."""

    engine: Any
    image: str

    def __post_init__(self) -> None:
        self.prefix = f"provider-test-{secrets.token_hex(4)}-"
        self.cancelled = Cancelled()
        self.containers = Containers(self.engine, self.cancelled)
        self.networks = Networks(self.engine)
        self.volumes = Volumes(self.engine)
        resources: list[Resource] = [self.containers, self.networks, self.volumes]
        self._resources = {resource.kind.token: resource for resource in resources}
        self.port = _free_port()

    def here(self, values: Any) -> Any:
        """Return recorded values with this stage's names, image and port."""
        text = json.dumps(values).replace(_RECORDED_IMAGE, self.image).replace(_RECORDED_PORT, str(self.port))
        for prefix in ("rec-", "rec2-", "net-", "seed-", "migrate-", "api-"):
            text = text.replace(f'"{prefix}', f'"{self.prefix}{prefix}')
        return json.loads(text)

    def resource(self, call: Call) -> Resource:
        return self._resources[call.request["type"]]

    def create(self, step: str, name: str, **changes: Any) -> State:
        """Make a recorded resource, with some inputs changed."""
        call = creation(step, name)
        return self.resource(call).create(self.here({**call.request["properties"], **changes}))

    def container(self, **inputs: Any) -> Values:
        """Return the inputs of a container of this stage with the official defaults."""
        defaults = {"mustRun": True, "start": True, "restart": "no", "networkMode": "bridge", "removeVolumes": True}
        return {"image": self.image, "name": f"{self.prefix}x", **defaults, "waitTimeout": 60, **inputs}


def creation(step: str, name: str) -> Call:
    """Return the recorded, real creation of a resource."""
    calls = (call for call in recorded("Create") if not call.request.get("preview"))
    return next(call for call in calls if call.step == step and call.name == name)


def shape(outputs: Values) -> Values:
    """Return the outputs with the kinds of value where values differ from engine to engine."""
    values = without_bookkeeping(outputs)
    return {name: _kinds(value) if name in _VOLATILE else value for name, value in values.items()}


def _kinds(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _kinds(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_kinds(inner) for inner in value]
    return type(value).__name__


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
