"""The metrics of containers, named as cAdvisor names them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from observers.containers.events import Events
from observers.containers.inventory import Entry, Inventory
from observers.containers.sample import Sample

LABELS = ("name", "service")


@dataclass(frozen=True)
class _Figure:
    """One metric of a container; `value` may be None where there is none."""

    name: str
    meaning: str
    value: Callable[[Entry], float | None]

    def family(self, entries: Iterable[Entry]) -> Metric:
        kind = CounterMetricFamily if self.name.endswith("_total") else GaugeMetricFamily
        family = kind(self.name, self.meaning, labels=LABELS)
        for entry in entries:
            if (value := self.value(entry)) is not None:
                family.add_metric([entry.container.name, entry.container.service], value)
        return family


def _used(name: str, meaning: str, value: Callable[[Sample], float]) -> _Figure:
    return _Figure(name, meaning, lambda entry: value(entry.sample) if entry.sample else None)


FIGURES = (
    _used("container_cpu_usage_seconds_total", "Processor time used.", lambda s: s.cpu_seconds),
    _used("container_cpu_cfs_periods_total", "Periods that the CPU quota was counted in.", lambda s: s.periods),
    _used("container_cpu_cfs_throttled_periods_total", "Those in which it was used up.", lambda s: s.throttled_periods),
    _used("container_memory_usage_bytes", "Memory held, page cache included.", lambda s: s.memory),
    _used("container_memory_working_set_bytes", "Memory less idle page cache.", lambda s: s.working_set),
    _used("container_network_receive_bytes_total", "Received on all networks.", lambda s: s.received),
    _used("container_network_transmit_bytes_total", "Sent on all networks.", lambda s: s.sent),
    _used("container_fs_reads_bytes_total", "Read from all disks.", lambda s: s.read),
    _used("container_fs_writes_bytes_total", "Written to all disks.", lambda s: s.written),
    _used("container_pids", "Processes and threads.", lambda s: s.pids),
    _used("container_last_seen", "When it was last seen running, in seconds since 1970.", lambda s: s.taken),
    _Figure("container_spec_memory_limit_bytes", "Memory allowed; 0 is no limit.", lambda e: e.container.memory_limit),
    _Figure("container_spec_cpu_quota", "Microseconds of processor time allowed in a period; 0 is no limit.",
            lambda e: e.container.cpu_quota),
    _Figure("container_spec_cpu_period", "Microseconds of a period.", lambda e: e.container.cpu_period),
    _Figure("container_start_time_seconds", "When it started, in seconds since 1970.", lambda e: e.container.started),
    _Figure("container_restarts_total", "Starts after the first one seen, by the name of the container.",
            lambda e: e.restarts),
    _Figure("container_health_state", "1 healthy, 0 not, -1 not known.", lambda e: e.container.health),
)  # fmt: skip


class Containers(Collector):
    """Answers with what is known already."""

    def __init__(self, inventory: Inventory, events: Events) -> None:
        self._inventory = inventory
        oom = "Times that it ran out of memory since this exporter started."
        self._figures = (
            *FIGURES,
            _Figure("container_oom_events_total", oom, lambda entry: events.out_of_memory(entry.container.name)),
        )

    def describe(self) -> Iterable[Metric]:
        """Nothing ahead of the first look."""
        return []

    def collect(self) -> Iterable[Metric]:
        """All figures of all containers; container_scrape_error alone while the engine is away."""
        entries = self._inventory.entries()
        error = GaugeMetricFamily("container_scrape_error", "1 while the engine does not answer, and then alone.")
        error.add_metric([], float(not self._inventory.current))
        yield error
        for figure in self._figures:
            yield figure.family(entries)
