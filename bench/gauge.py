"""How much memory and how many cores a container takes, read once a second as Docker tells it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from docker.models.containers import Container

from stacks.outputs import ServiceOutputs

MIB = 1024 * 1024


@dataclass
class Gauge:
    """A container's readings so far."""

    limit_mb: int
    limit_cores: float
    peak_mb: float = 0
    final_mb: float = 0
    _cores: list[tuple[float, int]] = field(default_factory=list)

    def take(self, reading: Mapping[str, Any]) -> None:
        """Take one reading in; the last one of a container that ends has nothing in it."""
        if not reading["memory_stats"].get("usage"):
            return
        self.final_mb = used(reading["memory_stats"]) / MIB
        self.peak_mb = max(self.peak_mb, self.final_mb)
        cpu = reading["cpu_stats"]
        self._cores.append((cpu["cpu_usage"]["total_usage"], cpu["system_cpu_usage"] // cpu["online_cpus"]))

    @property
    def cores(self) -> float:
        """Cores in use, on average."""
        if len(self._cores) < 2:
            return 0
        (busy, now), *_, (busy_at_the_end, then) = self._cores
        return (busy_at_the_end - busy) / (then - now)


def used(memory: Mapping[str, Any]) -> int:
    """Bytes that cannot be taken back at once, as `docker stats` counts them: the file cache that is not in use can."""
    details = memory["stats"]
    return int(memory["usage"]) - int(details.get("inactive_file", details.get("total_inactive_file", 0)))


@contextmanager
def gauges(containers: Mapping[str, Container], promised: Mapping[str, ServiceOutputs]) -> Iterator[dict[str, Gauge]]:
    """A gauge for each service's container, reading as long as the block lasts."""
    ended = threading.Event()
    found = {name: Gauge(promised[name].memory_mb, promised[name].cpus) for name in containers}

    def read(name: str, container: Container) -> None:
        readings: Any = container.stats(stream=True, decode=True)
        for reading in readings:
            found[name].take(reading)
            if ended.is_set():
                return

    threads = [threading.Thread(target=read, args=each, daemon=True) for each in containers.items()]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        ended.set()
        for thread in threads:
            thread.join()
