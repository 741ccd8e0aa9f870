"""What is there to be lost: somebody who works, and rows whose acknowledgement is noted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from infra.engine import Engine
from operations.keeper import Keeper
from operations.running_stack import RunningStack
from operations.stack_file import StackFile
from rehearsal.project import Project
from rehearsal.stores import database
from smoke_tests.person import Person
from smoke_tests.picture import png
from smoke_tests.test_focus_group import analysis
from smoke_tests.tunnel import Tunnel
from smoke_tests.website import Website

AUDIENCE = "people who mend things"


def keeper(project: Project) -> Keeper:
    return Keeper(RunningStack(StackFile(project.stack, project.folder), Engine(project.docker)))


@contextmanager
def at_home(project: Project) -> Iterator[tuple[Website, Tunnel]]:
    deployment = project.deployment()
    with deployment.invite(network_mode="host") as guest, Tunnel(guest) as tunnel:
        yield Website(tunnel, deployment.outputs.url), tunnel


@dataclass
class Diary:
    """Rows that PostgreSQL has acknowledged, with the time by which it had."""

    written: list[tuple[int, datetime]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def kept(self, project: Project) -> Iterator["Diary"]:
        """Write a row every tenth of a second while the block runs."""
        with database(project) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS diary (number int PRIMARY KEY)")

            def write() -> None:
                while not self._over.wait(0.1):
                    number = len(self.written)
                    connection.execute("INSERT INTO diary VALUES (%s)", [number])
                    self.written.append((number, datetime.now(UTC)))

            writer = threading.Thread(target=write)
            writer.start()
            try:
                yield self
            finally:
                self._over.set()
                writer.join()


def numbers(project: Project) -> list[int]:
    """What the diary holds now."""
    with database(project) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM diary ORDER BY number")]


def work(person: Person) -> dict[str, str]:
    """A picture, and a focus group whose findings are in the graph."""
    people = person.post("/api/personas/generate", {"audience": AUDIENCE, "count": 3}).json["items"]
    project = person.make("/api/projects", {"name": "kept safe"})["id"]
    path = f"/api/projects/{project}/stimuli?name=bottle.png&description=A%20bottle"
    picture = person.ask("POST", path, png(), content_type="image/png").json["id"]
    plan = {"topic": "Glue", "questions": ["What do you mend?"], "persona_ids": [one["id"] for one in people]}
    group = person.post(f"/api/projects/{project}/focus-groups", plan).json["id"]
    person.post(f"/api/focus-groups/{group}/run")
    analysis(person, group)
    return {"picture": f"/api/stimuli/{picture}", "group": f"/api/focus-groups/{group}"}
