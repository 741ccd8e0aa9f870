"""People who ask, and writers who keep what was acknowledged: what they saw, and whether it is still there."""

import itertools
import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import neo4j
import psycopg
import redis
from docker.errors import DockerException

from rehearsal.project import Project
from rehearsal.stores import database
from smoke_tests.clients import graph_driver, postgres_connection, redis_client
from smoke_tests.deployment import Deployment
from smoke_tests.person import Person, one_time_link
from smoke_tests.secret_files import password
from smoke_tests.tunnel import Tunnel
from smoke_tests.website import Website

ANSWER_SECONDS = 15
PAUSE_SECONDS = 0.1
AWAY = (OSError, HTTPException, DockerException, psycopg.Error, redis.RedisError, neo4j.exceptions.Neo4jError)
UNREACHED = (*AWAY, neo4j.exceptions.DriverError, KeyError, ValueError)
"""What a store that is away, or an engine that cannot say where it is, looks like."""

logging.getLogger("neo4j").setLevel(logging.CRITICAL)  # it tells of every connection that breaks

Write = Callable[[int], object]


@dataclass(frozen=True)
class Look:
    """One answer: what was asked, from when to when (monotonic), its status (0: none came), whether it is good."""

    what: str
    begun: float
    ended: float
    status: int
    good: bool


@dataclass
class Witnesses:
    """What was seen so far, and which numbers each kind of writer has had acknowledged."""

    project: Project
    deployment: Deployment
    cookie: str
    own: str
    passwords: dict[str, str]
    looks: list[Look] = field(default_factory=list)
    acknowledged: dict[str, set[int]] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def place(self, address: str) -> tuple[str, int]:
        """Where a store is at the moment, as the engine's host reaches it."""
        service, _, port = address.partition(":")
        networks = self.deployment.container(service).attrs["NetworkSettings"]["Networks"]
        found = next(network["IPAddress"] for network in networks.values())
        if not found:
            raise ConnectionError(f"{service} has no address")
        return found, int(port)

    def since(self, moment: float) -> list[Look]:
        """What people saw of requests that ended after a moment; a look at /health is nobody's request."""
        return [look for look in self.looks if look.ended >= moment and look.what != "health"]

    @property
    def fine(self) -> bool:
        """Whether the last answer of each kind was good, and the engine calls every container healthy."""
        last = {look.what: look.good for look in self.looks[-200:]}
        try:
            health = [self.deployment.health(service) for service in self.deployment.outputs.services]
        except DockerException:
            return False
        return all(last.values()) and len(last) == 3 and set(health) == {"healthy"}

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let all of them come."""
        kinds: list[tuple[Callable[..., None], tuple[object, ...]]] = [
            (self._look, ("page", "/")),
            (self._look, ("project", f"/api/projects/{self.own}")),
            (self._look, ("health", "/health")),
            *((self._write, (kind, opened)) for kind, opened in self.writers.items()),
        ]
        threads = [threading.Thread(target=target, args=arguments, daemon=True) for target, arguments in kinds]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in threads:
                thread.join(timeout=60)

    def _look(self, what: str, path: str) -> None:
        while not self.over.is_set():
            begun = time.monotonic()
            status, text = self._asked("GET", path)
            good = status == 200 and (what != "health" or '"down"' not in text)
            self.looks.append(Look(what, begun, time.monotonic(), status, good))
            time.sleep(PAUSE_SECONDS)

    def _asked(self, method: str, path: str, thing: object = None) -> tuple[int, str]:
        body = json.dumps(thing) if thing else None
        headers = {"cookie": self.cookie, "content-type": "application/json"}
        try:
            with closing(HTTPConnection(urlsplit(self.deployment.outputs.url).netloc, timeout=ANSWER_SECONDS)) as line:
                line.request(method, path, body, headers)
                answer = line.getresponse()
                return answer.status, answer.read().decode(errors="replace")
        except (OSError, HTTPException):
            return 0, ""

    @property
    def writers(self) -> dict[str, Callable[[], AbstractContextManager[Write]]]:
        """How each kind of writer gets at what it writes to."""
        return {"project": self._projects, "postgres": self._rows, "redis": self._keys, "neo4j": self._nodes}

    def _write(self, kind: str, opened: Callable[[], AbstractContextManager[Write]]) -> None:
        kept = self.acknowledged.setdefault(kind, set())
        while not self.over.is_set():
            try:
                with opened() as write:
                    while not self.over.is_set():
                        number = next(self._numbers)
                        write(number)
                        kept.add(number)
                        time.sleep(PAUSE_SECONDS)
            except UNREACHED:
                time.sleep(PAUSE_SECONDS)

    @contextmanager
    def _projects(self) -> Iterator[Write]:
        def write(number: int) -> None:
            status, _ = self._asked("POST", "/api/projects", {"name": f"survival {number}"})
            if status != 201:
                raise ConnectionError(status)

        yield write

    @contextmanager
    def _rows(self) -> Iterator[Write]:
        with postgres_connection(self.deployment, self, self.passwords["postgres"]) as connection:
            yield lambda number: connection.execute("INSERT INTO survival VALUES (%s)", (number,))

    @contextmanager
    def _keys(self) -> Iterator[Write]:
        with redis_client(self.deployment, self, self.passwords["redis"]) as client:
            yield lambda number: client.hset("survival", str(number), "")

    @contextmanager
    def _nodes(self) -> Iterator[Write]:
        with graph_driver(self.deployment, self, self.passwords["neo4j"]) as driver, driver.session() as session:
            yield lambda number: session.run("CREATE (:Survival {number: $number})", number=number).consume()

    def lost(self) -> Counter[str]:
        """How many acknowledged writes of each kind are not there."""
        kept = {kind: set(numbers) for kind, numbers in self.acknowledged.items()}
        there = self._there()
        return Counter({kind: len(numbers - there[kind]) for kind, numbers in kept.items()})

    def _there(self) -> dict[str, set[int]]:
        with postgres_connection(self.deployment, self, self.passwords["postgres"]) as connection:
            rows = {number for (number,) in connection.execute("SELECT number FROM survival")}
            names = connection.execute("SELECT name FROM project WHERE name LIKE 'survival %'").fetchall()
        with redis_client(self.deployment, self, self.passwords["redis"]) as client:
            keys: list[str] = client.hkeys("survival")
        with graph_driver(self.deployment, self, self.passwords["neo4j"]) as driver, driver.session() as session:
            nodes = {record["number"] for record in session.run("MATCH (s:Survival) RETURN s.number AS number")}
        projects = {int(name.split()[1]) for (name,) in names}
        return {"project": projects, "postgres": rows, "redis": {*map(int, keys)}, "neo4j": nodes}


@contextmanager
def witnesses(project: Project) -> Iterator[Witnesses]:
    """Somebody with an account and a project looks, and others write, while the block runs."""
    deployment = project.deployment()
    with database(project) as connection:  # the application may change rows alone
        connection.execute("CREATE TABLE IF NOT EXISTS survival (number bigint PRIMARY KEY)")
        connection.execute("GRANT SELECT, INSERT ON survival TO PUBLIC")
    with deployment.invite(network_mode="host") as guest, Tunnel(guest) as tunnel:
        person = Person(Website(tunnel, deployment.outputs.url))
        assert person.sign_up(one_time_link(deployment)).status == 201
        own = person.make("/api/projects", {"name": "survival"})["id"]
    assert person.cookie
    passwords = {store: password(deployment, store) for store in deployment.stores}
    made = Witnesses(project, deployment, f"{person.cookie.key}={person.cookie.value}", own, passwords)
    with made.at_work():
        yield made
