"""The container exporter against an engine that plays its part: what Prometheus reads of it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from observers.containers import inventory as inventory_module
from observers.containers.collector import Containers
from observers.containers.engine import Engine
from observers.containers.events import Events
from observers.containers.inventory import Inventory
from observers.settings import Address
from prometheus_client import CollectorRegistry

from tests.engine_api import EngineApi, description, serving

LABELS = {"pulumi.project": "market-research", "pulumi.stack": "dev"}
API = {"name": "dev-api-1", "service": "api"}


def eventually(holds: Callable[[], object]) -> None:
    until = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


class Exporter:
    """The parts of the exporter, without its HTTP server."""

    def __init__(self, port: int) -> None:
        engine = Engine(Address("127.0.0.1", port))
        self.news = threading.Event()
        self.inventory = Inventory(engine, LABELS)
        self.events = Events(engine, LABELS, self.news.set)
        self._registry = CollectorRegistry()
        self._registry.register(Containers(self.inventory, self.events))

    def read(self, metric: str, labels: dict[str, str] | None = None) -> float | None:
        return self._registry.get_sample_value(metric, API if labels is None else labels)


@pytest.fixture
def api() -> EngineApi:
    api = EngineApi()
    api.containers = [description("a1")]
    return api


@contextmanager
def started(api: EngineApi) -> Iterator[Exporter]:
    with serving(api) as port:
        exporter = Exporter(port)
        try:
            yield exporter
        finally:
            api.containers = []
            api.broken = True


def test_what_a_container_uses_and_may_use(api: EngineApi) -> None:
    with started(api) as exporter:
        exporter.inventory.look()
        eventually(lambda: exporter.read("container_cpu_usage_seconds_total") == 2.5)
        assert exporter.read("container_memory_working_set_bytes") == 30_000_000
        assert exporter.read("container_spec_memory_limit_bytes") == 536_870_912
        assert exporter.read("container_network_receive_bytes_total") == 30
        assert exporter.read("container_health_state") == 1
        assert exporter.read("container_restarts_total") == 0
        assert exporter.read("container_oom_events_total") == 0
        assert exporter.read("container_scrape_error", {}) == 0


def test_only_the_stack_is_asked_for(api: EngineApi) -> None:
    with started(api) as exporter:
        exporter.inventory.look()
        assert "pulumi.stack%3Ddev" in api.asked[0]
        assert "all=1" in api.asked[0]


def test_one_that_stops_keeps_what_is_known_and_loses_what_it_used(api: EngineApi) -> None:
    with started(api) as exporter:
        exporter.inventory.look()
        eventually(lambda: exporter.read("container_pids") == 9)
        api.containers = [description("a1", State={"Running": False, "Status": "exited"})]
        exporter.inventory.look()
        assert exporter.read("container_pids") is None
        assert exporter.read("container_health_state") == 0
        assert exporter.read("container_start_time_seconds") is not None


def test_one_that_comes_is_heard_and_one_that_goes_is_forgotten(api: EngineApi) -> None:
    with started(api) as exporter:
        exporter.inventory.look()
        eventually(lambda: exporter.read("container_pids") == 9)
        api.containers = [description("b2", "dev-redis-1")]
        exporter.inventory.look()
        eventually(lambda: exporter.read("container_pids", {"name": "dev-redis-1", "service": "api"}) == 9)
        assert exporter.read("container_start_time_seconds") is None
        names = [thread.name for thread in threading.enumerate()]
        eventually(lambda: "samples of a1" not in [thread.name for thread in threading.enumerate()])
        assert "samples of b2" in names


def test_running_out_of_memory_is_counted_and_makes_it_look_again(api: EngineApi) -> None:
    with started(api) as exporter:
        exporter.inventory.look()
        threading.Thread(target=exporter.events.follow, daemon=True).start()
        actor = {"Attributes": {"name": "dev-api-1"}}
        api.events.append({"Action": "oom", "timeNano": time.time_ns() + 10**9, "Actor": actor})
        eventually(lambda: exporter.read("container_oom_events_total") == 1)
        assert exporter.news.wait(1)


def test_an_event_that_is_told_twice_counts_once(api: EngineApi) -> None:
    with started(api) as exporter:
        exporter.inventory.look()
        moment = time.time_ns() + 10**9
        event = {"Action": "oom", "timeNano": moment, "Actor": {"Attributes": {"name": "dev-api-1"}}}
        api.events += [event, event, {**event, "Action": "die", "timeNano": moment + 1}]
        threading.Thread(target=exporter.events.follow, daemon=True).start()
        eventually(lambda: exporter.news.is_set() and exporter.read("container_oom_events_total") == 1)


def test_nothing_is_claimed_while_the_engine_is_away(api: EngineApi, monkeypatch: pytest.MonkeyPatch) -> None:
    with started(api) as exporter:
        exporter.inventory.look()
        monkeypatch.setattr(inventory_module, "FORGET_SECONDS", 0)
        assert exporter.read("container_scrape_error", {}) == 1
        assert exporter.read("container_start_time_seconds") is None


def test_an_exporter_that_never_reached_the_engine_says_so() -> None:
    assert Exporter(1).read("container_scrape_error", {}) == 1
