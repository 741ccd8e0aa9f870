"""The steps of a preview as changes that people care about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from infra.market_research import SERVICES
from infra.mounted_files import ConfigurationFiles, SecretFiles
from infra.service import Service
from operations.reasons import reasons

Impact = Literal["loses data", "stops", "no downtime", "beside"]
ORDER: tuple[Impact, ...] = ("loses data", "stops", "no downtime", "beside")
"""What matters most comes first."""

CARRIERS = tuple(f"-{files.suffix}" for files in (SecretFiles, ConfigurationFiles))
"""How the names of what carries files to a container end."""


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
    if kind == "Volume" and name.endswith("-data"):
        return _data(name.removesuffix("-data"), operation, steps)
    if kind == "Container" and not name.endswith(CARRIERS) and _is_dormant(steps):
        return Change("jobs of backups", "beside", "are declared anew, and wait until they are started")
    if kind == "Container" and service and not name.endswith(CARRIERS):
        carried = [carrier for carrier in CARRIERS if f"{name}{carrier}" in other_volumes]
        why = reasons(steps, new_files=" and ".join(one.removeprefix("-") for one in carried))
        return _container(name, service, operation, why)
    sentences = {
        "Image": (f"image {name}", "is built"),
        "RandomPassword": (f"password of {service.name if service else name}", "is made anew"),
        "Container": (name, "runs to its end before what needs it"),
    }
    if kind not in sentences or name.endswith(CARRIERS) or operation in ("delete", "left over"):
        return None
    what, sentence = sentences[kind]
    return Change(what, "beside", sentence, reasons(steps))


def _data(service: str, operation: str, steps: Sequence[Mapping[str, Any]]) -> Change | None:
    what = f"data of {service}"
    if operation in ("stop first", "start first"):
        if _keeps_its_name(steps):
            return Change(what, "beside", "stays: Docker takes over the volume of this name", reasons(steps))
        return Change(what, "loses data", "would lose data: an empty volume takes its place", reasons(steps))
    if operation == "delete":
        return Change(what, "beside", "is no longer part of the stack; the volume stays")
    return None


def _keeps_its_name(steps: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the old one is left on the engine and the new one has its name: Docker then makes no second volume."""
    olds, news = ([step[state] for step in steps if step.get(state)] for state in ("oldState", "newState"))
    names = {state.get("inputs", {}).get("name") for state in (*olds, *news)}
    return bool(news) and len(names) == 1 and None not in names and all(old.get("retainOnDelete") for old in olds)


def _container(name: str, service: type[Service], operation: str, why: tuple[str, ...]) -> Change:
    if operation == "start first":
        return Change(name, "no downtime", "is replaced without downtime", why)
    if operation == "stop first":
        return Change(name, "stops", f"STOPS for {_seconds(service)}", why)
    if operation == "left over":
        return Change(name, "beside", "what an unfinished deploy has left of its last version is taken away")
    if operation == "create":
        return Change(name, "no downtime", "is started", why)
    if operation == "delete":
        return Change(name, "stops" if name == service.name else "no downtime", "is taken away", why)
    return Change(name, "no downtime", "is changed while it runs", why)


def _is_dormant(steps: Sequence[Mapping[str, Any]]) -> bool:
    states = (step.get(state) or {} for step in steps for state in ("newState", "oldState"))
    return any(state.get("inputs", {}).get("start") is False for state in states)


def _seconds(service: type[Service]) -> str:
    most = service.grace_seconds + service.health_check.start_seconds
    return f"about {service.stops_for_seconds} s ({most} s at most)"


def _operation(steps: Sequence[Mapping[str, Any]]) -> str:
    """`stop first`, `start first`, or what happens to something that is not replaced: Pulumi lists steps in order.

    `left over` is what an unfinished update has replaced and not deleted yet.
    """
    started = next((number for number, step in enumerate(steps) if step["op"] == "create-replacement"), None)
    if started is None:
        return "left over" if steps[0]["op"] == "delete-replaced" else str(steps[0]["op"])
    replaced = steps[started]["oldState"].get("id")
    before = [step for step in steps[:started] if step["op"] == "delete-replaced"]
    return "stop first" if any(step["oldState"].get("id") == replaced for step in before) else "start first"


def _service(name: str) -> type[Service] | None:
    """Whose resource it is: `api`, its replica `api-2`, or its password `redis-app`."""
    by_name = {service.name: service for service in SERVICES}
    return by_name.get(name) or by_name.get(name.partition("-")[0])


def _kind(urn: str) -> str:
    return urn.split("::")[2].rpartition(":")[2]


def _name(urn: str) -> str:
    return urn.split("::")[3]
