"""People who use a stack while it changes: what they sent, what they got, and from which version."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from rehearsal.project import Project
from smoke_tests.person import newcomer
from smoke_tests.tunnel import Tunnel
from smoke_tests.website import Website

PAUSE_SECONDS = 0.05
TIMEOUT_SECONDS = 30
UPLOAD = (b"%PDF-1.7\n".ljust(16_384), *[b"." * 16_384] * 3)
UPLOAD_SECONDS = 2
MADE = "made meanwhile"
VERSION = "x-version"
"""The header by which the tests tell versions of the API apart."""

Kind = tuple[str, str, bool]
"""A method, what it asks for, and whether its connection is kept for the next request."""


@dataclass
class Crowd:
    """The answers so far, by status (0: the connection broke) and kind; `took` has the seconds of all but uploads."""

    url: str
    cookie: str
    project: str
    answers: Counter[tuple[int, str]] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __str__(self) -> str:
        took = sorted(self.took)
        p99 = took[len(took) * 99 // 100] * 1000
        return f"{self.sent} requests, {self.failed.total()} failed, p99 {p99:.0f} ms, slowest {took[-1] * 1000:.0f} ms"

    @property
    def sent(self) -> int:
        return self.answers.total()

    @property
    def failed(self) -> Counter[tuple[int, str]]:
        return Counter({answer: count for answer, count in self.answers.items() if answer[0] not in (200, 201)})

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let everybody come in, and finish at the end what they asked last."""
        paths = ("/", f"/api/projects/{self.project}")
        reading = [("GET", path, kept) for path in paths for kept in (True, False)]
        writing = [("POST", "/api/projects", kept) for kept in (True, False)]
        uploading = [("POST", f"/api/projects/{self.project}/stimuli?name=slow", False)]
        kinds = [*reading * 3, *writing * 2, *uploading * 3]
        people = [threading.Thread(target=self._person, args=(kind,)) for kind in kinds]
        for person in people:
            person.start()
        try:
            yield
        finally:
            self._over.set()
            for person in people:
                person.join()

    def take_along(self) -> None:
        """Remove what was made; the list shows the newest, so ask until nothing of it is left."""
        with closing(self._connection()) as connection:
            while found := [one["id"] for one in self._listed(connection) if one["name"] == MADE]:
                for one in found:
                    self._ask(connection, "DELETE", f"/api/projects/{one}")

    def _listed(self, connection: HTTPConnection) -> list[dict[str, str]]:
        connection.request("GET", "/api/projects", headers={"cookie": self.cookie})
        found: list[dict[str, str]] = json.loads(connection.getresponse().read())["items"]
        return found

    def _person(self, kind: Kind) -> None:
        method, path, kept = kind
        name = f"{method} {path.replace(self.project, '<id>')} on {'a kept' if kept else 'a new'} connection"
        connection = self._connection()
        while not self._over.is_set():
            began = time.monotonic()
            try:
                status = self._ask(connection, method, path)
            except (OSError, HTTPException):
                status = 0
            self.answers[status, name] += 1
            if "stimuli" not in path:
                self.took.append(time.monotonic() - began)
            if not kept or not status:
                connection.close()
                connection = self._connection()
            time.sleep(PAUSE_SECONDS)
        connection.close()

    def _connection(self) -> HTTPConnection:
        return HTTPConnection(urlsplit(self.url).netloc, timeout=TIMEOUT_SECONDS)

    def _ask(self, connection: HTTPConnection, method: str, path: str) -> int:
        headers = {"cookie": self.cookie, "content-type": "application/json"}
        if "stimuli" in path:
            length = str(sum(map(len, UPLOAD)))
            headers |= {"content-type": "application/pdf", "content-length": length}
            connection.request(method, path, _slowly(), headers)
        else:
            thing = json.dumps({"name": MADE}) if method == "POST" else None
            connection.request(method, path, thing, headers)
        answer = connection.getresponse()
        answer.read()
        self.versions[answer.headers.get(VERSION, "")] += 1
        return answer.status


def _slowly() -> Iterator[bytes]:
    for part in UPLOAD:
        time.sleep(UPLOAD_SECONDS / len(UPLOAD))
        yield part


@contextmanager
def crowd(project: Project) -> Iterator[Crowd]:
    """A crowd that is logged in and at work while the block runs; what it made is gone afterwards."""
    deployment = project.deployment()
    with deployment.invite(network_mode="host") as guest, Tunnel(guest) as tunnel:
        website = Website(tunnel, deployment.outputs.url)
        with newcomer(deployment, website) as person:
            mine = person.make("/api/projects", {"name": "before"})["id"]
            assert person.cookie
            people = Crowd(deployment.outputs.url, f"{person.cookie.key}={person.cookie.value}", mine)
            with people.at_work():
                time.sleep(1)
                yield people
                time.sleep(1)
            people.take_along()
