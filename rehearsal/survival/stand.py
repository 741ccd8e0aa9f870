"""A stack as production has it, on an engine of its own, each of its data volumes on a disk of its own."""

import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.models.containers import Container

from images.tests.engine import build
from rehearsal.project import Project
from rehearsal.survival.disks import Disk
from rehearsal.survival.own_engine import OwnEngine, own_network

RATE_LIMIT = 1000
"""Requests in ten seconds from one address, as in Pulumi.prod.yaml."""
DISKS_MB = {"postgres": 900, "redis": 200, "neo4j": 1600, "api": 200, "edge": 50}
"""PostgreSQL's write-ahead log may take half of its memory limit; Neo4j keeps 512 MiB of logs for two databases."""
SERVICES = ("postgres", "redis", "neo4j", "api", "frontend", "edge")


@dataclass(frozen=True)
class Services:
    """A running stack's containers and their processes, as its host sees them."""

    project: Project

    def facts(self, service: str) -> dict[str, Any]:
        """What the engine says of a service's container."""
        found = self.project.docker.containers.list(filters=self.project.labels)
        container = next(one for one in found if one.labels["pulumi.service"] == service)
        return dict(container.attrs)

    def container(self, service: str) -> Container:
        """A service's container. Raises StopIteration when it does not run."""
        return self.project.docker.containers.get(self.facts(service)["Id"])

    def processes(self, service: str) -> list[int]:
        """Those of a service, its main one first, without Docker's init."""
        facts = self.facts(service)
        first = facts["State"]["Pid"]
        listed = self.project.docker.api.top(facts["Id"], ps_args="-eo pid,ppid")["Processes"]
        rows = [(int(process), int(parent)) for process, parent in listed]
        main = [process for process, parent in rows if parent == first]
        return [*main, *(process for process, _ in rows if process not in (first, *main))]


@dataclass(frozen=True)
class Stand(Services):
    """A stack whose engine is its own, with the disks behind its data volumes."""

    engine: OwnEngine
    disks: Mapping[str, Disk]


@contextmanager
def stand(folder: Path) -> Iterator[Stand]:
    """The stack, up; nothing of it is left afterwards."""
    images = {service: build(service) for service in SERVICES}
    with own_network(), _engine(folder / "engine") as engine:
        _hand_over(images.values(), engine)
        with _environment(DOCKER_HOST=engine.address):
            project = Project(folder, f"survival-{secrets.token_hex(3)}")
            project.prepare()
            project.get_an_edge(rate_limit=RATE_LIMIT)
            for service, image in images.items():
                project.choose(service, image=image)
            with _disks(folder, project) as disks:
                result = project.up()
                assert result.code == 0, result.text
                yield Stand(project, engine, disks)


@contextmanager
def _engine(folder: Path) -> Iterator[OwnEngine]:
    folder.mkdir()
    engine = OwnEngine(folder)
    try:
        engine.start()
        yield engine
    finally:
        engine.remove()


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _hand_over(images: Any, engine: OwnEngine) -> None:
    """Copy images from the engine that built them."""
    saving = subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE)
    subprocess.run(["docker", "--host", engine.address, "load", "--quiet"], stdin=saving.stdout, check=True)
    assert saving.wait() == 0


@contextmanager
def _disks(folder: Path, project: Project) -> Iterator[dict[str, Disk]]:
    """A small disk for each data volume, which the stack finds under the volume's fixed name."""
    disks = {}
    try:
        for service, size in DISKS_MB.items():
            disks[service] = Disk.made(folder / f"{service}.disk", size)
            where = {"type": "none", "o": "bind", "device": str(disks[service].place)}
            project.docker.volumes.create(f"market-research-{project.stack}-{service}", driver_opts=where)
        yield disks
    finally:
        project.clean()
        for disk in disks.values():
            disk.unmount()
