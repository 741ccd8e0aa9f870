"""What a container uses of its limits, as the engine measures it."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError, NotFound

from infra.engine import MIB, Engine


@dataclass(frozen=True)
class Usage:
    """`cpu_percent` of one core, and MiB of memory without the cache that the kernel would give back."""

    cpu_percent: float
    memory_mb: float


def measured(engine: Engine, ids: Iterable[str]) -> dict[str, Usage]:
    """Usage by container ID, all at once since each takes the engine a second; what has gone meanwhile is left out."""
    wanted = list(ids)
    with ThreadPoolExecutor(max(1, len(wanted))) as pool:
        answers = pool.map(lambda one: _asked(engine, one), wanted)
    return {id_: usage for id_, usage in zip(wanted, answers, strict=True) if usage}


def usage(stats: dict[str, Any]) -> Usage | None:
    """Read the engine's statistics, which are empty for a container that does not run."""
    now, before = stats.get("cpu_stats", {}), stats.get("precpu_stats", {})
    memory = stats.get("memory_stats", {})
    if "usage" not in memory or "system_cpu_usage" not in before:
        return None
    spent = now["cpu_usage"]["total_usage"] - before["cpu_usage"]["total_usage"]
    passed = now["system_cpu_usage"] - before["system_cpu_usage"]
    cores = now.get("online_cpus") or len(now["cpu_usage"].get("percpu_usage") or [1])
    details = memory.get("stats", {})
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return Usage(
        cpu_percent=100 * cores * spent / passed if passed > 0 else 0.0,
        memory_mb=(memory["usage"] - min(cache, memory["usage"])) / MIB,
    )


def _asked(engine: Engine, container_id: str) -> Usage | None:
    try:
        return usage(engine.client.api.stats(container_id, stream=False))
    except (NotFound, APIError):
        return None
