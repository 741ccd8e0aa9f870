"""/metrics for Prometheus, from all processes of the container, on a port of its own."""

from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from market_research.telemetry.folder import FOLDER

PORT = 9464


class _Processes(MultiProcessCollector):
    """The figures of all processes, of which those that ended keep only what counts up."""

    def collect(self) -> Iterable[Metric]:
        pids = {file.stem.rpartition("_")[2] for file in FOLDER.glob("gauge_live*.db")}
        for pid in pids:
            if not Path(f"/proc/{pid}").exists():
                mark_process_dead(int(pid), str(FOLDER))  # type: ignore[no-untyped-call]
        found: Iterable[Metric] = super().collect()  # type: ignore[no-untyped-call]
        return found


def serve() -> None:
    """Answer on PORT from a thread."""
    registry = CollectorRegistry()
    _Processes(registry, str(FOLDER))  # type: ignore[no-untyped-call]
    start_http_server(PORT, registry=registry)
