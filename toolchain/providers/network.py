"""A network's properties and life; every change replaces it."""

from __future__ import annotations

from dataclasses import dataclass

from docker.api import APIClient
from docker.errors import APIError, NotFound
from docker.types import IPAMConfig

from toolchain.providers import outputs
from toolchain.providers.engine import Engine, is_gone, reason
from toolchain.providers.engine_fields import at, read_from
from toolchain.providers.failures import ProviderError
from toolchain.providers.labels import LABEL, LABELS, labels_of
from toolchain.providers.resource import State
from toolchain.providers.schema import EngineField, Kind, Property, ResourceType, Values

_SUBNET = {
    "auxAddress": Property(Kind.MAP),
    "gateway": Property(Kind.STRING),
    "ipRange": Property(Kind.STRING),
    "subnet": Property(Kind.STRING),
}
_POOL_KEYS = {"auxAddress": "AuxiliaryAddresses", "gateway": "Gateway", "ipRange": "IPRange", "subnet": "Subnet"}


def _read_pools(inspection: Values) -> list[Values]:
    pools = inspection["IPAM"].get("Config") or []
    return [
        {here: pool.get(there) or _SUBNET[here].kind.empty() for here, there in _POOL_KEYS.items()} for pool in pools
    ]


_POOLS = EngineField(
    send=lambda pools: {
        "IPAM.Config": [{_POOL_KEYS[key]: pool[key] for key in pool if key in _POOL_KEYS} for pool in pools]
    },
    read=_read_pools,
)

NETWORK = ResourceType(
    "docker:index/network:Network",
    {
        "attachable": Property(Kind.BOOLEAN, replaces=True, engine=at("Attachable", False)),
        "driver": Property(Kind.STRING, replaces=True, computed=True, engine=at("Driver")),
        "ingress": Property(Kind.BOOLEAN, replaces=True, engine=at("Ingress", False)),
        "internal": Property(Kind.BOOLEAN, replaces=True, computed=True, engine=at("Internal", False)),
        "ipamConfigs": Property(
            Kind.OBJECT_SET, replaces=True, computed=True, whole=True, fields=_SUBNET, engine=_POOLS
        ),
        "ipamDriver": Property(Kind.STRING, default="default", replaces=True, engine=at("IPAM.Driver")),
        "ipamOptions": Property(Kind.MAP, replaces=True, engine=at("IPAM.Options", {})),
        "ipv6": Property(Kind.BOOLEAN, replaces=True, engine=at("EnableIPv6", False)),
        "labels": Property(Kind.OBJECT_SET, replaces=True, fields=LABEL, engine=LABELS),
        "name": Property(Kind.STRING, replaces=True, engine=at("Name")),
        "options": Property(Kind.MAP, replaces=True, computed=True, engine=at("Options", {})),
        "scope": Property(Kind.STRING, output=True, computed=True, engine=read_from("Scope")),
    },
    schema_version="1",
)


@dataclass(frozen=True)
class Networks:
    """The networks of one engine."""

    engine: Engine
    kind: ResourceType = NETWORK

    def plan(self, inputs: Values) -> Values:
        """Return the outputs that a preview may promise."""
        return outputs.planned(self.kind, inputs)

    def create(self, inputs: Values) -> State:
        """Create the network; a name that is taken is refused, also by engines that would allow two."""
        with self.engine.client() as client:
            try:
                identifier = client.create_network(
                    inputs["name"],
                    driver=inputs.get("driver"),
                    options=inputs.get("options"),
                    ipam=_ipam(inputs),
                    check_duplicate=True,
                    internal=inputs.get("internal", False),
                    labels=labels_of(inputs),
                    enable_ipv6=inputs.get("ipv6", False),
                    attachable=inputs.get("attachable"),
                    ingress=inputs.get("ingress"),
                )["Id"]
            except APIError as error:
                raise ProviderError(f"Unable to create network {inputs['name']}: {reason(error)}") from error
            made = outputs.created(self.kind, inputs, _reading(client, identifier))
        return State(identifier, made | {"id": identifier}, inputs)

    def read(self, state: State) -> State | None:
        """Return the network as it is now; None when it is gone."""
        with self.engine.client() as client:
            try:
                reading = _reading(client, state.identifier)
            except NotFound:
                return None
        now = outputs.refreshed(self.kind, state.outputs, reading)
        return State(state.identifier, now | {"id": state.identifier}, outputs.inputs_of(self.kind, state.inputs, now))

    def update(self, state: State, news: Values, *, preview: bool) -> Values:
        """Record the news: nothing of a network can be changed in place."""
        del preview
        return outputs.updated(self.kind, state.outputs, news) | {"id": state.identifier}

    def delete(self, state: State) -> None:
        """Remove the network."""
        with self.engine.client() as client:
            try:
                client.remove_network(state.identifier)
            except APIError as error:
                if not is_gone(error):
                    raise ProviderError(
                        f"Unable to remove network {state.outputs.get('name')}: {reason(error)}"
                    ) from error


def _ipam(inputs: Values) -> IPAMConfig:
    pools = _POOLS.send(inputs.get("ipamConfigs") or []) if _POOLS.send else {}
    return IPAMConfig(inputs.get("ipamDriver", "default"), pools["IPAM.Config"], inputs.get("ipamOptions"))


def _reading(client: APIClient, identifier: str) -> Values:
    return outputs.reading(NETWORK, client.inspect_network(identifier))
