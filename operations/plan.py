"""`research plan`: what a deploy would do, in words."""

import json as json_module
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from infra.engine import published
from infra.market_research import SERVICES
from infra.roles import start_first
from infra.service import Service
from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.pulumi_cli import Pulumi
from operations.running_stack import connected
from operations.stack_file import StackFile

Impact = Literal["stops", "no downtime", "loses data", "beside"]
COLOURS: Mapping[str, str] = {"stops": "yellow", "loses data": "red", "no downtime": "green", "beside": "dim"}
REPLACED = ("replace", "create-replacement", "delete-replaced")


@dataclass(frozen=True)
class Change:
    """One thing that happens: to what, its impact on users, the sentence, and the properties that differ."""

    what: str
    impact: Impact
    sentence: str
    because: tuple[str, ...] = ()


def plan(stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """Say what a deploy or `pulumi up` would do: what is replaced without downtime, what STOPS, what loses data.

    Exit code 0, whether anything changes or not; 1 when the program refuses.
    """
    file = StackFile(stack)
    changes = planned(file)
    if json:
        print_json({"stack": stack, "changes": [asdict(change) for change in changes]})
    else:
        show(stack, changes)


def planned(file: StackFile) -> list[Change]:
    """What `pulumi preview` finds, in words. Raises OperationError with its report when it fails."""
    file.must_exist()
    preview = json_module.loads(Pulumi(file.stack, file.checkout).answer("preview", "--json"))
    return in_words(preview["steps"], _starting_first(file))


def show(stack: str, changes: Sequence[Change]) -> None:
    """The changes, and the sum of what people will notice."""
    out = console()
    if not changes:
        out.print(f"stack {stack} is up to date")
        return
    for change in changes:
        because = f" [dim]({', '.join(change.because)})[/]" if change.because else ""
        out.print(f"[{COLOURS[change.impact]}]{change.what}: {change.sentence}[/]{because}")
    counts = {impact: sum(change.impact == impact for change in changes) for impact in COLOURS}
    told = (
        f"{counts['no downtime']} without downtime",
        f"{counts['stops']} STOP",
        *([f"{counts['loses data']} LOSE DATA"] if counts["loses data"] else []),
    )
    out.print(f"stack {stack}: {', '.join(told)}")


def in_words(steps: Sequence[Mapping[str, Any]], first: Sequence[type[Service]]) -> list[Change]:
    """The steps of a preview as changes, what matters most first; `first` are the services that start first."""
    by_name = {service.name: service for service in SERVICES}
    found = [
        _change(step, by_name, [one.name for one in first]) for step in steps if step["op"] not in ("same", "read")
    ]
    order = ("loses data", "stops", "no downtime", "beside")
    return sorted(dict.fromkeys(change for change in found if change), key=lambda change: order.index(change.impact))


def _change(step: Mapping[str, Any], services: Mapping[str, type[Service]], first: Sequence[str]) -> Change | None:
    *_, kinds, name = step["urn"].split("::")
    kind = kinds.rpartition(":")[2]
    because = tuple(sorted(set(step.get("replaceReasons") or step.get("diffReasons") or ())))
    service = services.get(name) or services.get(name.rpartition("-")[0])
    if kind == "Image":
        return Change(f"image {name}", "beside", "is built", because)
    if kind == "Volume" and name.endswith("-data"):
        return _data(name.removesuffix("-data"), step["op"], because)
    if kind != "Container" or name.endswith("-secrets"):
        return None
    if service is None:
        return Change(name, "beside", "runs to its end before what needs it") if step["op"] != "delete" else None
    return _container(name, service, step["op"], because, service.name in first)


def _data(service: str, operation: str, because: tuple[str, ...]) -> Change | None:
    if operation in REPLACED:
        return Change(
            f"data of {service}", "loses data", "another volume takes its place, without what is in it", because
        )
    if operation == "delete":
        return Change(f"data of {service}", "beside", "is no longer part of the stack; the volume stays")
    return None


def _container(
    name: str, service: type[Service], operation: str, because: tuple[str, ...], starts_first: bool
) -> Change:
    if operation in REPLACED and starts_first:
        return Change(name, "no downtime", "is replaced without downtime", because)
    if operation in REPLACED:
        most = service.grace_seconds + service.health_check.start_seconds
        return Change(name, "stops", f"STOPS and is replaced, usually in seconds, {most} s at most", because)
    if operation == "create":
        return Change(name, "no downtime", "is started", because)
    if operation == "delete":
        return Change(name, "stops" if name == service.name else "no downtime", "is taken away", because)
    return Change(name, "no downtime", "is changed while it runs", because)


def _starting_first(file: StackFile) -> Sequence[type[Service]]:
    """The services that the program would start before the last version stops; see infra.stack.Stack.starts_first."""
    chosen = [service for service in SERVICES if service.name in file.settings.services]
    labels = {"pulumi.project": file.project, "pulumi.stack": file.stack}
    running = connected().containers(labels, running_only=True)
    holding = {one["Labels"].get("pulumi.service") for one in running if published(one)}
    return [service for service in SERVICES if service in start_first(chosen) and service.name not in holding]
