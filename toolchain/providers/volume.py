"""A volume's properties and life; every change replaces it, and its id is its name."""

from __future__ import annotations

from dataclasses import dataclass

from docker.errors import APIError, NotFound

from toolchain.providers import outputs
from toolchain.providers.engine import Engine, is_gone, reason
from toolchain.providers.engine_fields import at, read_from
from toolchain.providers.failures import ProviderError
from toolchain.providers.labels import LABEL, LABELS, labels_of
from toolchain.providers.resource import State
from toolchain.providers.schema import Kind, Property, ResourceType, Values

VOLUME = ResourceType(
    "docker:index/volume:Volume",
    {
        "cluster": Property(Kind.OBJECT, refused=True),
        "driver": Property(Kind.STRING, replaces=True, computed=True, engine=at("Driver")),
        "driverOpts": Property(Kind.MAP, replaces=True, engine=at("Options", {})),
        "labels": Property(Kind.OBJECT_SET, replaces=True, fields=LABEL, engine=LABELS),
        "mountpoint": Property(Kind.STRING, output=True, computed=True, engine=read_from("Mountpoint")),
        "name": Property(Kind.STRING, replaces=True, engine=at("Name")),
    },
    schema_version="1",
)


@dataclass(frozen=True)
class Volumes:
    """The volumes of one engine."""

    engine: Engine
    kind: ResourceType = VOLUME

    def plan(self, inputs: Values) -> Values:
        """Return the outputs that a preview may promise."""
        return outputs.planned(self.kind, inputs)

    def create(self, inputs: Values) -> State:
        """Create the volume; one of this name that is already there is taken over with its data."""
        labels = labels_of(inputs)
        with self.engine.client() as client:
            try:
                client.create_volume(inputs["name"], inputs.get("driver"), inputs.get("driverOpts"), labels)
                # Of one that was there the answer may leave out the labels (seen with 20.10).
                inspection = client.inspect_volume(inputs["name"])
            except APIError as error:
                raise ProviderError(f"Unable to create volume {inputs['name']}: {reason(error)}") from error
        made = outputs.created(self.kind, inputs, outputs.reading(self.kind, inspection))
        return State(made["name"], made | {"id": made["name"]}, inputs)

    def read(self, state: State) -> State | None:
        """Return the volume as it is now; None when it is gone."""
        with self.engine.client() as client:
            try:
                inspection = client.inspect_volume(state.identifier)
            except NotFound:
                return None
        now = outputs.refreshed(self.kind, state.outputs, outputs.reading(self.kind, inspection))
        return State(state.identifier, now | {"id": state.identifier}, outputs.inputs_of(self.kind, state.inputs, now))

    def update(self, state: State, news: Values, *, preview: bool) -> Values:
        """Record the news: nothing of a volume can be changed in place."""
        del preview
        return outputs.updated(self.kind, state.outputs, news) | {"id": state.identifier}

    def delete(self, state: State) -> None:
        """Remove the volume with its data."""
        with self.engine.client() as client:
            try:
                client.remove_volume(state.identifier)
            except APIError as error:
                if not is_gone(error):
                    raise ProviderError(f"Unable to remove volume {state.identifier}: {reason(error)}") from error
