"""A network in which containers find each other by name, and how an exporter on it is asked."""

import http.client
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from images.tests.engine import Engine, Running, fresh_name, wait_until

SECRETS = "/run/secrets"


@dataclass(frozen=True)
class Exporter:
    """A running exporter."""

    running: Running
    address: str
    port: int

    def get(self, path: str = "/metrics") -> tuple[int, str]:
        """Status and text of an answer."""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def metrics(self) -> dict[str, float]:
        """The value of each series by its name and labels, as they are written."""
        status, text = self.get()
        assert status == 200, text
        lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
        return {series: float(value) for series, _, value in lines}

    def names(self) -> set[str]:
        """The names of all metrics."""
        return {series.partition("{")[0] for series in self.metrics()}

    def resident_bytes(self) -> int:
        """Memory of all its processes, what they share with each other or the host counted in each."""
        status = self.running.container.top(ps_args="-o pid,rss")
        return sum(int(rss) for _, rss in status["Processes"]) * 1024


@dataclass(frozen=True)
class Stand:
    """One network."""

    engine: Engine
    network: str

    def join(self, alias: str) -> dict[str, Any]:
        """Options of a container that others find by this name."""
        endpoint = self.engine.client.api.create_endpoint_config(aliases=[alias])
        return {"network": self.network, "networking_config": {self.network: endpoint}}

    def address(self, running: Running) -> str:
        running.container.reload()
        return str(running.container.attrs["NetworkSettings"]["Networks"][self.network]["IPAddress"])

    @contextmanager
    def exporter(
        self,
        image: str,
        command: Sequence[str],
        port: int,
        secrets: Mapping[str, str | bytes] | None = None,
        **options: Any,
    ) -> Iterator[Exporter]:
        """An exporter that answers at its path `health`, with secret files, as small as the platform runs it."""
        url = f"http://127.0.0.1:{port}/{options.pop('health', '')}"
        with self.engine.volume(secrets or {}) as files:
            volumes = {files: {"bind": SECRETS, "mode": "ro"}, **options.pop("volumes", {})}
            small: dict[str, Any] = {
                "mem_limit": "64m",
                "memswap_limit": "64m",
                "tmpfs": {"/tmp": "rw,noexec,nosuid,nodev,size=1m"},
                **options,
            }
            with self.engine.run(image, list(command), network=self.network, volumes=volumes, **small) as running:
                running.wait_until(lambda: running.attempt("wget", "-q", "-O", "/dev/null", url)[0] == 0, within=30)
                yield Exporter(running, self.address(running), port)


@contextmanager
def stand(engine: Engine) -> Iterator[Stand]:
    """A network without anything in it."""
    network = engine.client.networks.create(fresh_name())
    try:
        yield Stand(engine, str(network.name))
    finally:
        network.remove()


def eventually(exporter: Exporter, series: str, value: float, within: float = 30) -> None:
    """Wait until a series has this value."""
    wait_until(lambda: exporter.metrics().get(series) == value, within, lambda: f"{series} {exporter.get()[1][-3000:]}")
