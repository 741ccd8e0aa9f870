"""What a container has used, from one answer of /containers/{id}/stats on a host with cgroups of either version."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

NANOSECONDS = 1e9
NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True)
class Sample:
    """Sums since the container's start, and what it holds at the moment; `taken` is by this process' clock."""

    taken: float
    cpu_seconds: float
    periods: int
    throttled_periods: int
    memory: int
    working_set: int
    received: int
    sent: int
    read: int
    written: int
    pids: int

    @classmethod
    def of(cls, stats: Mapping[str, Any]) -> Self | None:
        """None when the container was not running."""
        if stats["read"] == NEVER or not stats["memory_stats"]:
            return None
        cpu, memory = stats["cpu_stats"], stats["memory_stats"]
        throttling = cpu.get("throttling_data") or {}
        networks = (stats.get("networks") or {}).values()
        disks = stats["blkio_stats"].get("io_service_bytes_recursive") or []
        return cls(
            taken=time.time(),
            cpu_seconds=cpu["cpu_usage"]["total_usage"] / NANOSECONDS,
            periods=throttling.get("periods", 0),
            throttled_periods=throttling.get("throttled_periods", 0),
            memory=memory.get("usage", 0),
            working_set=_working_set(memory),
            received=sum(network["rx_bytes"] for network in networks),
            sent=sum(network["tx_bytes"] for network in networks),
            read=_bytes(disks, "read"),
            written=_bytes(disks, "write"),
            pids=stats["pids_stats"].get("current", 0),
        )


def _working_set(memory: Mapping[str, Any]) -> int:
    """What could not be given back under pressure: the page cache that nobody has used lately is not counted."""
    details = memory.get("stats") or {}
    # The first is in version 1 and counts the cgroups below, as `usage` does; the second alone is in version 2.
    idle = details.get("total_inactive_file", details.get("inactive_file", 0))
    return max(0, int(memory.get("usage", 0)) - int(idle))


def _bytes(disks: Iterable[Mapping[str, Any]], operation: str) -> int:
    """Of all disks; version 1 writes the operation with a capital."""
    return sum(disk["value"] for disk in disks if disk["op"].lower() == operation)
