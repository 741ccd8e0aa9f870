"""`research status`: the services of a stack, and whether they are well."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import typer
from rich.table import Table

from infra.engine import MIB
from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.exit_codes import ExitCode
from operations.running_stack import Replica, RunningStack
from operations.usage import Usage, measured

NANO = 10**9
COLOURS = {"healthy": "green", "no check": "green", "starting": "yellow"}


def status(stack: StackName = DEFAULT_STACK, json: AsJson = False) -> None:
    """Show the services of a stack: health, uptime, image, what they use of their limits, restarts, ports.

    Exit code 0 means that all of them are healthy, 1 that something is not.
    """
    running = RunningStack.find(stack)
    report = assembled(running)
    print_json(report) if json else show(report)
    raise typer.Exit(ExitCode.FINE if report["healthy"] else ExitCode.BROKEN)


def assembled(stack: RunningStack) -> dict[str, Any]:
    """Everything that there is to say of the stack, as --json prints it."""
    containers = stack.containers()
    replicas = [one for one in containers if not one.is_job]
    usages = measured(stack.engine, [one.id for one in replicas if one.state == "running"])
    rows = [_row(one, usages) for one in replicas]
    jobs = [_job(one) for one in containers if one.is_job]
    missing = [name for name in stack.file.service_names if name not in {one.service for one in replicas}]
    well = all(row["health"] in ("healthy", "no check") for row in rows) and not any(job["exit_code"] for job in jobs)
    return {"stack": stack.name, "healthy": well and not missing, "services": rows, "jobs": jobs, "missing": missing}


def show(report: Mapping[str, Any]) -> None:
    """The report as a table, and a line for whatever is wrong."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("service", "container", "health", "uptime", "image"):
        table.add_column(heading, no_wrap=True)
    for heading in ("cpu % of limit", "MiB of limit", "restarts"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("port", no_wrap=True)
    for row in report["services"]:
        colour = COLOURS.get(row["health"], "red")
        table.add_row(
            *(row["service"], row["container"], f"[{colour}]{row['health']}[/]", duration(row["uptime_seconds"])),
            *(row["image"], _of(row["cpu_percent"], row["cpu_limit_percent"], 1)),
            *(_of(row["memory_mb"], row["memory_limit_mb"], 0), str(row["restarts"]), " ".join(row["ports"])),
        )
    out = console()
    out.print(table)
    name = report["stack"]
    for service in report["missing"]:
        out.print(f"[red]{service} is not there[/]: `pulumi up --refresh -s {name}` brings it back")
    for job in (job for job in report["jobs"] if job["exit_code"]):
        out.print(f"[red]{job['job']} ended with {job['exit_code']}[/]: `research logs {job['job']} -s {name}`")
    for row in (row for row in report["services"] if row["health"] not in COLOURS):
        out.print(f"[red]{row['service']} is {row['health']}[/]: `research logs {row['service']} -s {name}`")


def health(replica: Replica) -> str:
    """`healthy`, `unhealthy`, `starting` or `no check` while it runs; else its state, with the exit code."""
    state = replica.facts["State"]
    if replica.state == "running":
        return str((state.get("Health") or {}).get("Status") or "no check").replace("none", "no check")
    killed = ", out of memory" if state.get("OOMKilled") else ""
    return f"{replica.state} ({state['ExitCode']}{killed})"


def duration(seconds: float | None) -> str:
    """The two largest units of a time."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [f"{count}{unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "m"), (rest, "s")) if count]
    return " ".join(parts[:2]) or "0s"


def _row(replica: Replica, usages: Mapping[str, Usage]) -> dict[str, Any]:
    facts, limits = replica.facts, replica.facts["HostConfig"]
    used = usages.get(replica.id)
    return {
        "service": replica.service,
        "container": replica.name,
        "id": replica.id,
        "state": replica.state,
        "health": health(replica),
        "uptime_seconds": _uptime(facts["State"]["StartedAt"]) if replica.state == "running" else None,
        "image": facts["Image"].removeprefix("sha256:")[:12],
        "cpu_percent": round(used.cpu_percent, 1) if used else None,
        "cpu_limit_percent": round(100 * limits["NanoCpus"] / NANO) or None,
        "memory_mb": round(used.memory_mb, 1) if used else None,
        "memory_limit_mb": limits["Memory"] // MIB or None,
        "restarts": facts["RestartCount"],
        "ports": _ports(facts),
    }


def _job(replica: Replica) -> dict[str, Any]:
    code = replica.facts["State"]["ExitCode"]
    return {"job": replica.service, "container": replica.name, "state": replica.state, "exit_code": code}


def _ports(facts: Mapping[str, Any]) -> list[str]:
    bound = (facts["NetworkSettings"].get("Ports") or {}).items()
    return [f"{one['HostIp']}:{one['HostPort']}->{inside}" for inside, hosts in bound for one in hosts or []]


def _uptime(started: str) -> int:
    begun = datetime.fromisoformat(started[:19]).replace(tzinfo=UTC)
    return max(0, int((datetime.now(UTC) - begun).total_seconds()))


def _of(used: float | None, limit: float | None, digits: int) -> str:
    return "-" if used is None else f"{used:.{digits}f}/{limit or '-'}"
