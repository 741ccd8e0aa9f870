"""A container's life: create, read, update, delete."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from docker.api import APIClient
from docker.errors import APIError, NotFound

from toolchain.providers import outputs
from toolchain.providers.container_properties import CONTAINER, UPDATED
from toolchain.providers.container_request import create_request, update_request
from toolchain.providers.container_start import Start
from toolchain.providers.container_uploads import archive
from toolchain.providers.engine import Engine, is_gone, reason
from toolchain.providers.failures import InitError, ProviderError
from toolchain.providers.image import ensure_image
from toolchain.providers.resource import Cancelled, State
from toolchain.providers.schema import ResourceType, Values

_DEFAULT_NETWORK = "bridge"
_ALREADY_GOING = 409


@dataclass(frozen=True)
class Containers:
    """The containers of one engine."""

    engine: Engine
    cancelled: Cancelled
    kind: ResourceType = CONTAINER

    def plan(self, inputs: Values) -> Values:
        """Return the outputs that a preview may promise."""
        return outputs.planned(self.kind, inputs)

    def create(self, inputs: Values) -> State:
        """Create the container, fill it, connect it, start it and wait as long as the inputs ask for."""
        with self.engine.client() as client:
            identifier = _make(client, inputs)
            start = Start(client, identifier, inputs, self.cancelled)
            try:
                _furnish(client, identifier, inputs)
                start.run()
            except (ProviderError, APIError) as error:
                # A half-made container would hide from the next `up`, so it does not stay.
                client.remove_container(identifier, v=True, force=True)
                raise error if isinstance(error, ProviderError) else ProviderError(reason(error)) from error
            unfinished = start.wait()
            if unfinished:
                partial = outputs.planned(self.kind, inputs, unknown=None)
                raise InitError(unfinished, identifier, {**partial, "id": identifier}, inputs)
            made = outputs.created(self.kind, inputs, _reading(client, identifier, inputs))
            return State(identifier, made | {"id": identifier, "containerLogs": start.logs}, inputs)

    def read(self, state: State) -> State | None:
        """Return the container as it is now; None when it is gone."""
        with self.engine.client() as client:
            try:
                inspection = client.inspect_container(state.identifier)
            except NotFound:
                return None
            reading = _read(inspection, state.outputs)
        now = outputs.refreshed(self.kind, state.outputs, reading)
        inputs = outputs.inputs_of(self.kind, state.inputs, now)
        return State(inspection["Id"], now | {"id": inspection["Id"]}, inputs)

    def update(self, state: State, news: Values, *, preview: bool) -> Values:
        """Apply what the engine can change in a running container; record the rest."""
        changed = outputs.updated(self.kind, state.outputs, news) | {"id": state.identifier}
        if preview:
            return changed
        limits = {name for name in UPDATED if changed.get(name) != state.outputs.get(name)}
        with self.engine.client() as client:
            try:
                if limits:
                    client.update_container(state.identifier, **update_request(changed))
                if changed["mustRun"] and not state.outputs.get("mustRun"):
                    client.start(state.identifier)
                    changed |= _read(client.inspect_container(state.identifier), changed)
            except APIError as error:
                text = f"Unable to update a container: {reason(error)}"
                raise InitError(text, state.identifier, changed, state.inputs) from error
        return changed

    def delete(self, state: State) -> None:
        """Stop the container within its grace period and remove it."""
        grace = state.outputs.get("destroyGraceSeconds") or 0
        with self.engine.client() as client:
            try:
                if grace and not state.outputs.get("attach"):
                    client.stop(state.identifier, timeout=grace)
                client.remove_container(state.identifier, v=state.outputs.get("removeVolumes", True), force=True)
            except APIError as error:
                if error.status_code == _ALREADY_GOING:
                    client.wait(state.identifier, condition="removed")
                elif not is_gone(error):
                    raise


def _make(client: APIClient, inputs: Values) -> str:
    ensure_image(client, inputs["image"])
    body = create_request(inputs)
    try:
        made = client.create_container_from_config(  # type: ignore[no-untyped-call]
            body, inputs["name"], inputs.get("platform")
        )
    except APIError as error:
        raise ProviderError(f"Unable to create container: {reason(error)}") from error
    return str(made["Id"])


def _furnish(client: APIClient, identifier: str, inputs: Values) -> None:
    networks = inputs.get("networksAdvanced") or []
    if networks and inputs.get("networkMode", _DEFAULT_NETWORK) == _DEFAULT_NETWORK:
        client.disconnect_container_from_network(identifier, _DEFAULT_NETWORK)
    for network in networks:
        try:
            client.connect_container_to_network(
                identifier,
                network["name"],
                aliases=network.get("aliases"),
                ipv4_address=network.get("ipv4Address"),
                ipv6_address=network.get("ipv6Address"),
                link_local_ips=network.get("linkLocalIps"),
            )
        except APIError as error:
            raise ProviderError(f"Unable to connect to network {network['name']!r}: {reason(error)}") from error
    for upload in inputs.get("uploads") or []:
        try:
            client.put_archive(identifier, "/", archive(upload))
        except APIError as error:
            raise ProviderError(f"Unable to upload {upload['file']}: {reason(error)}") from error


def _reading(client: APIClient, identifier: str, inputs: Values) -> Values:
    return _read(client.inspect_container(identifier), inputs)


def _read(inspection: Values, known: Values) -> Values:
    """Return the properties that an inspection of the engine tells, as state writes them."""
    reading = outputs.reading(CONTAINER, inspection)
    running = inspection["State"]["Running"]
    must_run = known.get("mustRun", True)
    if not running:
        reading["exitCode"] = inspection["State"]["ExitCode"]
        reading["mustRun"] = False
    if not running and not must_run:
        # The engine lists the published ports of running containers only.
        del reading["ports"]
    if reading["cpus"] is None or _same_number(reading["cpus"], known.get("cpus")):
        del reading["cpus"]
    # A container keeps its image for life, so a name that the program wrote stays true.
    return {**reading, "image": known.get("image") or inspection["Image"]}


def _same_number(one: str, other: str | None) -> bool:
    return other is not None and Decimal(one) == Decimal(other)
