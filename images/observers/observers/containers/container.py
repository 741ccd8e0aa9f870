"""A container as the engine describes it: /containers/{id}/json."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

DEFAULT_PERIOD = 100_000
"""Microseconds that a CPU quota is counted in, unless chosen otherwise."""
HEALTH = {"healthy": 1, "unhealthy": 0}


@dataclass(frozen=True)
class Container:
    """One container. `health` is 1 when healthy, 0 when not, -1 while that is not known; a limit of 0 is none."""

    id: str
    name: str
    service: str
    running: bool
    awaited: bool
    health: int
    started: float
    restarts: int
    memory_limit: int
    cpu_quota: int
    cpu_period: int

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> Self:
        """`awaited` is one that runs, or that the engine is to keep running: a job that has ended is not."""
        state, host, config = description["State"], description["HostConfig"], description["Config"]
        started = state["Status"] != "created"
        restarted = (host.get("RestartPolicy") or {}).get("Name", "no") not in ("", "no")
        period = host.get("CpuPeriod") or DEFAULT_PERIOD
        return cls(
            id=description["Id"],
            name=description["Name"].removeprefix("/"),
            service=(config.get("Labels") or {}).get("pulumi.service", ""),
            running=state["Running"],
            awaited=state["Running"] or (started and restarted),
            health=_health(state),
            started=_timestamp(state["StartedAt"]),
            restarts=description.get("RestartCount", 0),
            memory_limit=host.get("Memory", 0),
            cpu_quota=_quota(host, period),
            cpu_period=period,
        )


def _health(state: Mapping[str, Any]) -> int:
    if "Health" not in state:
        return -1
    return HEALTH.get(state["Health"]["Status"], -1) if state["Running"] else 0


def _quota(host: Mapping[str, Any], period: int) -> int:
    """`--cpus` is kept in billionths of a processor, `--cpu-quota` as it is."""
    return int(host.get("NanoCpus", 0) * period / 1e9) or max(0, host.get("CpuQuota", 0))


def _timestamp(text: str) -> float:
    """Seconds since 1970; 0 for what has not happened, which the engine dates to the year 1."""
    moment = datetime.fromisoformat(text)
    return moment.timestamp() if moment.year > 1 else 0.0
