"""The collector as the platform starts it, containers whose lines it collects, and the store that gets them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from docker.types import LogConfig

from images.tests.engine import Engine, Running, fresh_name
from images.tests.log_store import Store
from images.tests.log_store import started as store_started

STATE = "/var/lib/log-collector"
HEALTH_CHECK = ("syslog-ng-ctl", "healthcheck", "--control", "/tmp/syslog-ng.ctl")
LIMITS: dict[str, Any] = {
    "mem_limit": "64m",
    "memswap_limit": "64m",
    "user": "0:0",
    "tmpfs": {"/tmp": "noexec,size=1m"},
}
LABELS = "pulumi.project,pulumi.stack,pulumi.service"


@dataclass(frozen=True)
class Stand:
    """A stack of its own, with a network in which the store has its name."""

    engine: Engine
    image: Callable[[str], str]
    stack: str
    network: str

    @contextmanager
    def store(self, volume: str) -> Iterator[Store]:
        endpoint = self.engine.client.api.create_endpoint_config(aliases=["victorialogs"])
        place: dict[str, Any] = {"network": self.network, "networking_config": {self.network: endpoint}}
        with store_started(self.engine, self.image("victorialogs"), volume, None, **place) as store:
            yield store

    @contextmanager
    def collector(self, state: str, **environment: str) -> Iterator[Running]:
        """A collector that keeps its state in a volume."""
        docker_root = self.engine.client.info()["DockerRootDir"]
        volumes = {
            f"{docker_root}/containers": {"bind": "/var/lib/docker/containers", "mode": "ro"},
            state: {"bind": STATE, "mode": "rw"},
        }
        settings = {
            "LOGS_URL": "http://victorialogs:9428/insert/elasticsearch",
            "LOGS_PROJECT": "tests",
            "LOGS_STACK": self.stack,
            **environment,
        }
        with self.engine.run(
            self.image("logcollector"), environment=settings, volumes=volumes, network=self.network, **LIMITS
        ) as running:
            running.wait_until(lambda: running.attempt(*HEALTH_CHECK)[0] == 0, within=15)
            yield running

    @contextmanager
    def service(self, name: str, script: str, stack: str = "", max_size: str = "10m") -> Iterator[Running]:
        """A container of the stack that runs a shell script, with the log options that the platform gives."""
        labels = {"pulumi.project": "tests", "pulumi.stack": stack or self.stack, "pulumi.service": name}
        options = {"labels": LABELS, "max-size": max_size, "max-file": "3"}
        logs = LogConfig(type="json-file", config=options)
        with self.engine.run(
            self.image("redis"), ["sh", "-c", f"{script}\nexec busybox sleep 1000"], labels=labels, log_config=logs
        ) as running:
            yield running


@contextmanager
def stand(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    network = engine.client.networks.create(fresh_name())
    try:
        yield Stand(engine, image, fresh_name(), str(network.name))
    finally:
        network.remove()


def said(*lines: object) -> str:
    """A script that prints these lines, objects as JSON."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    return "\n".join(f"cat <<'END'\n{text}\nEND" for text in texts)
