"""The steps of a preview as changes that people care about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from infra.market_research import SERVICES
from infra.service import Service
from operations.reasons import reasons

Impact = Literal["loses data", "stops", "no downtime", "beside"]
ORDER: tuple[Impact, ...] = ("loses data", "stops", "no downtime", "beside")
"""What matters most comes first."""

STOPS_FOR_SECONDS: Mapping[str, int] = {}
"""From the last answer of the old container to the first of the new one, measured on two cores with little data."""


@dataclass(frozen=True)
class Change:
    """One thing that happens: to what, its impact on people, the sentence, and why."""

    what: str
    impact: Impact
    sentence: str
    because: tuple[str, ...] = ()


def in_words(steps: Iterable[Mapping[str, Any]]) -> list[Change]:
    """The steps of `pulumi preview --json --show-replacement-steps` as changes, the gravest first."""
    of_resource: dict[str, list[Mapping[str, Any]]] = {}
    for step in steps:
        if step["op"] not in ("same", "read"):
            of_resource.setdefault(step["urn"], []).append(step)
    replaced = {
        _name(urn) for urn, own in of_resource.items() if _kind(urn) == "Volume" and _operation(own) != "update"
    }
    found = (_change(urn, own, replaced) for urn, own in of_resource.items())
    return sorted(dict.fromkeys(filter(None, found)), key=lambda change: ORDER.index(change.impact))


def _change(urn: str, steps: Sequence[Mapping[str, Any]], other_volumes: set[str]) -> Change | None:
    kind, name, operation = _kind(urn), _name(urn), _operation(steps)
    service = _service(name)
    if kind == "Image":
        return None if operation == "delete" else Change(f"image {name}", "beside", "is built", reasons(steps))
    if kind == "RandomPassword" and service and operation != "delete":
        return Change(f"password of {service.name}", "beside", "is made anew", reasons(steps))
    if kind == "Volume" and name.endswith("-data"):
        return _data(name.removesuffix("-data"), operation, reasons(steps))
    if kind != "Container" or name.endswith("-secrets"):
        return None
    why = reasons(steps, new_secrets=f"{name}-secrets" in other_volumes)
    if service is None:
        return None if operation == "delete" else Change(name, "beside", "runs to its end before what needs it", why)
    return _container(name, service, operation, why)


def _data(service: str, operation: str, why: tuple[str, ...]) -> Change | None:
    if operation in ("stop first", "start first"):
        return Change(f"data of {service}", "loses data", "would lose data: an empty volume takes its place", why)
    if operation == "delete":
        return Change(f"data of {service}", "beside", "is no longer part of the stack; the volume stays")
    return None


def _container(name: str, service: type[Service], operation: str, why: tuple[str, ...]) -> Change:
    if operation == "start first":
        return Change(name, "no downtime", "is replaced without downtime", why)
    if operation == "stop first":
        return Change(name, "stops", f"STOPS for {_seconds(service)}", why)
    if operation == "create":
        return Change(name, "no downtime", "is started", why)
    if operation == "delete":
        return Change(name, "stops" if name == service.name else "no downtime", "is taken away", why)
    return Change(name, "no downtime", "is changed while it runs", why)


def _seconds(service: type[Service]) -> str:
    most = service.grace_seconds + service.health_check.start_seconds
    usual = STOPS_FOR_SECONDS.get(service.name)
    return f"about {usual} s ({most} s at most)" if usual else f"{most} s at most"


def _operation(steps: Sequence[Mapping[str, Any]]) -> str:
    """`stop first`, `start first`, or what happens to something that is not replaced: Pulumi lists steps in order."""
    order = [step["op"] for step in steps]
    if "create-replacement" not in order:
        return "delete" if order[0] == "delete-replaced" else str(order[0])
    gone = order.index("delete-replaced") if "delete-replaced" in order else len(order)
    return "stop first" if gone < order.index("create-replacement") else "start first"


def _service(name: str) -> type[Service] | None:
    """Whose resource it is: `api`, its replica `api-2`, or its password `redis-app`."""
    by_name = {service.name: service for service in SERVICES}
    return by_name.get(name) or by_name.get(name.partition("-")[0])


def _kind(urn: str) -> str:
    return urn.split("::")[2].rpartition(":")[2]


def _name(urn: str) -> str:
    return urn.split("::")[3]
