"""The labels of networks and volumes, which the engine gives back as they were written."""

from __future__ import annotations

from toolchain.providers.schema import EngineField, Kind, Property, Values

LABEL = {"label": Property(Kind.STRING, required=True), "value": Property(Kind.STRING, required=True)}


def labels_of(inputs: Values) -> dict[str, str]:
    """Return the labels that a program wants, as the engine takes them."""
    return {label["label"]: label["value"] for label in inputs.get("labels") or []}


def _read(inspection: Values) -> list[Values]:
    return [{"label": label, "value": value} for label, value in (inspection.get("Labels") or {}).items()]


LABELS = EngineField(read=_read)
