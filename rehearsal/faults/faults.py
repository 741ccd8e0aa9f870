"""The faults: each is there while its block runs, and names the alert that has to follow."""

import secrets
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import requests

from images.tests.edge_certificate import DAY, certificate
from images.tests.engine import Engine, archived
from infra.services.exporters import NodeExporter
from rehearsal.faults.stand import Stand
from rehearsal.project import free_port
from smoke_tests.person import Person, newcomer
from smoke_tests.tunnel import Tunnel
from smoke_tests.website import Website

MIB = 1024 * 1024
GB = 10**9
CLIENTS = 6
SOON = timedelta(days=5)


@dataclass(frozen=True)
class Fault:
    """What happens, and the alert that tells of it."""

    what: str
    alert: str
    happens: Callable[[Stand], AbstractContextManager[None]]


@contextmanager
def stopped(stand: Stand, service: str) -> Iterator[None]:
    """A service is stopped by hand, and started again."""
    container = stand.container(service)
    container.stop(timeout=60)
    try:
        yield
    finally:
        container.start()


@contextmanager
def hung(stand: Stand, service: str) -> Iterator[None]:
    """A service does nothing any more and does not end, and then goes on."""
    container = stand.container(service)
    container.pause()
    try:
        yield
    finally:
        container.unpause()


@contextmanager
def _repeatedly(*acts: Callable[[], object]) -> Iterator[None]:
    """Each act is done again and again, by a thread of its own, whatever comes of it."""
    over = threading.Event()

    def repeat(act: Callable[[], object]) -> None:
        while not over.is_set():
            with suppress(OSError, requests.RequestException, AssertionError):
                act()

    threads = [threading.Thread(target=repeat, args=(act,), daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=30)


@contextmanager
def somebody(stand: Stand) -> Iterator[Person]:
    """Somebody with an account."""
    deployment = stand.project.deployment()
    with (
        deployment.invite(network_mode="host") as guest,
        Tunnel(guest) as tunnel,
        newcomer(deployment, Website(tunnel, deployment.outputs.url)) as person,
    ):
        yield person


@contextmanager
def errors(stand: Stand) -> Iterator[None]:
    """People come while no API is there: the edge answers 503."""
    url = stand.project.outputs().url

    def visit() -> None:
        requests.get(f"{url}/api/session", timeout=5)
        time.sleep(0.1)

    with _repeatedly(*[visit] * CLIENTS), stopped(stand, "api"):
        yield


@contextmanager
def slowness(stand: Stand) -> Iterator[None]:
    """A lock in PostgreSQL lets everybody who asks for projects wait for more than a second."""
    sql = "BEGIN; LOCK TABLE project IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(1.6); COMMIT"
    command = ["research", "psql", "--superuser", "--stack", stand.project.stack, "-c", sql]
    with somebody(stand) as person:
        asking = [lambda: person.get("/api/projects")] * CLIENTS
        with _repeatedly(lambda: stand.project.run(*command), *asking):
            yield


@contextmanager
def full_memory(stand: Stand) -> Iterator[None]:
    """A process in the API's container holds nearly all that is left of its memory."""
    docker, api = stand.project.docker.api, stand.project.containers()["api"]
    used = docker.stats(api, stream=False)["memory_stats"]["usage"] // MIB
    held = stand.project.outputs().services["api"].memory_mb * 96 // 100 - used
    script = f"import time; held = bytearray({held} * 1048576); time.sleep(300)"
    process = docker.exec_create(api, ["python", "-c", script])["Id"]
    docker.exec_start(process, detach=True)
    try:
        yield
    finally:
        pid = docker.exec_inspect(process)["Pid"]
        subprocess.run(["kill", str(pid)], check=False)


@contextmanager
def filling_disk(_: Stand) -> Iterator[None]:
    """The engine's disk loses a gigabyte every three seconds, 40 at most and never more than half of what is free."""
    folder = Path("/var/lib/docker")
    file = folder / f"filling-{secrets.token_hex(4)}"
    most = min(40 * GB, shutil.disk_usage(folder).free // 2)
    size = 0

    def grow() -> None:
        nonlocal size
        if size < most:
            size += GB
            subprocess.run(["fallocate", "--length", str(size), str(file)], check=True)
        time.sleep(3)

    try:
        with _repeatedly(grow):
            yield
    finally:
        file.unlink(missing_ok=True)


@contextmanager
def no_language_model(stand: Stand) -> Iterator[None]:
    """The language model's endpoint is gone while a focus group runs; the group goes on when it is back."""
    with somebody(stand) as person:
        ada = {"name": "Ada Nowak", "age": 30, "occupation": "nurse", "location": "Gdynia", "description": "Likes tea."}
        people = [person.make("/api/personas", {**ada, "name": name})["id"] for name in ("Ada Nowak", "Ewa Lis")]
        project = person.make("/api/projects", {"name": "faults"})["id"]
        plan = {"topic": "Tea", "questions": ["Which?"], "persona_ids": people}
        stand.llm.stop(timeout=1)
        groups = [person.make(f"/api/projects/{project}/focus-groups", plan)["id"] for _ in range(4)]
        for group in groups:
            person.post(f"/api/focus-groups/{group}/run")
        try:
            yield
        finally:
            stand.llm.start()
        states: set[str] = set()
        deadline = time.monotonic() + 120
        while states != {"finished"} and time.monotonic() < deadline:
            states = {person.get(f"/api/focus-groups/{group}").json["state"] for group in groups}
            time.sleep(1)
        assert states == {"finished"}, f"focus groups must go on by themselves, but are {states}"


@contextmanager
def old_certificate(stand: Stand) -> Iterator[None]:
    """The edge serves a certificate that ends in five days, and then a good one."""
    project = stand.project
    engine = Engine(project.docker)
    image = stand.container("edge").attrs["Image"]
    project.set("edge", {"rate_limit": 0, "https_port": free_port(), "hostname": "localhost"})
    for ends in (SOON, timedelta(days=90)):
        project.keep_secret("tls_certificate", certificate(engine, image, -DAY, ends))
        stand.up()
        if ends == SOON:
            yield


@contextmanager
def old_backup(stand: Stand) -> Iterator[None]:
    """The last good backup that a job has told of is 27 hours old, and then there is a new one."""
    for age in (timedelta(hours=27), timedelta()):
        made = time.time() - age.total_seconds()
        text = f'backup_last_success_timestamp_seconds{{store="postgres"}} {made:.0f}\n'
        stand.container("node-exporter").put_archive(NodeExporter.data_path, archived({"backup.prom": text}, 0o644))
        if age:
            yield


FAULTS = (
    Fault("a service is stopped (frontend)", "ServiceMissing", lambda stand: stopped(stand, "frontend")),
    Fault("PostgreSQL is stopped", "ServiceMissing", lambda stand: stopped(stand, "postgres")),
    Fault("PostgreSQL hangs", "PostgresDown", lambda stand: hung(stand, "postgres")),
    Fault("Redis hangs", "RedisDown", lambda stand: hung(stand, "redis")),
    Fault("a burst of 5xx (no API)", "AvailabilityBudgetFastBurn", errors),
    Fault("slow answers (a lock in PostgreSQL)", "LatencyBudgetFastBurn", slowness),
    Fault("memory near its limit (API)", "MemoryNearLimit", full_memory),
    Fault("the disk fills (1 GB in 3 s)", "DiskWillFill", filling_disk),
    Fault("the language model is down", "LanguageModelFails", no_language_model),
    Fault("the certificate ends in 5 days", "CertificateExpiring", old_certificate),
    Fault("the last backup is 27 hours old", "BackupTooOld", old_backup),
)
