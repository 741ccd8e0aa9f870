"""What is backed up while people are at work comes back on an empty stack: every row, key, node and file."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.engine import Engine
from operations.keeper import Keeper
from operations.running_stack import RunningStack
from operations.stack_file import StackFile
from rehearsal.crowd import crowd
from rehearsal.project import Project
from rehearsal.research import research, told
from rehearsal.stores import database
from smoke_tests.person import Person, newcomer
from smoke_tests.picture import png
from smoke_tests.test_focus_group import analysis
from smoke_tests.tunnel import Tunnel
from smoke_tests.website import Website

AUDIENCE = "people who mend things"
STORES = ("postgres", "files", "redis", "neo4j")
DATA = ("postgres", "redis", "neo4j", "api")
"""The services whose volumes are lost."""

pytestmark = pytest.mark.usefixtures("edge")


def keeper(project: Project) -> Keeper:
    return Keeper(RunningStack(StackFile(project.stack, project.folder), Engine(project.docker)))


def facts(project: Project, backup: str, store: str) -> dict[str, Any]:
    """What a store's manifest says of a backup."""
    shown: dict[str, Any] = json.loads(keeper(project).ask("show", backup, store))["facts"]
    return shown


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


@pytest.fixture(scope="module")
def kept(project: Project) -> Iterator[dict[str, Any]]:
    """A backup that was made while a crowd was at work, somebody who worked before, and the rows of a diary."""
    project.set("backup", True)
    result = project.up()
    assert result.code == 0, result.text
    print(f"up with backups: {result.seconds:.0f} s")  # noqa: T201
    with ExitStack() as until_done:
        website, _ = until_done.enter_context(at_home(project))
        person = until_done.enter_context(newcomer(project.deployment(), website))
        things = work(person)
        keeper(project).perform("backup-base", {})
        with crowd(project) as people, Diary().kept(project) as diary:
            done = told(research(project, "backup", "run", "--json"))
        print(f"meanwhile: {people}")  # noqa: T201
        assert done["ok"], done
        yield {"backup": done["backup"], "person": person, "things": things, "diary": diary.written}


def test_the_smoke_tests_of_backups_pass(project: Project, kept: dict[str, Any]) -> None:
    options = ["-q", "--stack", project.stack]
    result = project.run(sys.executable, "-m", "pytest", "smoke_tests/test_backups.py", *options)
    assert result.code == 0, result.text


def test_nothing_is_left_to_change_after_a_backup(project: Project, kept: dict[str, Any]) -> None:
    for refresh in ([], ["--refresh"]):
        result = project.pulumi("preview", "--diff", "--expect-no-changes", *refresh)
        assert result.code == 0, result.text


def test_everything_comes_back_on_an_empty_stack(project: Project, kept: dict[str, Any]) -> None:
    expected = {store: facts(project, kept["backup"], store) for store in STORES}
    taken = {one["store"]: one["taken"] for one in keeper(project).listed() if one["backup"] == kept["backup"]}
    assert project.pulumi("destroy", "--yes", "--skip-preview").code == 0
    lost = told(research(project, "data", "remove", "--confirm", project.stack, "--json"))["removed_mb"]
    assert {f"market-research-{project.stack}-{name}" for name in DATA} <= set(lost)
    assert f"market-research-{project.stack}-backup" not in lost, "what brings the data back stays"
    assert project.up().code == 0
    assert kept["person"].sign_in().status != 200, "the new stack must be empty"

    done = told(research(project, "restore", "--confirm", project.stack, "--no-safety-backup", "--json"))
    print({store: one["seconds"] for store, one in done["restored"].items()})  # noqa: T201
    found = numbers(project)
    before = [number for number, at in kept["diary"] if at <= datetime.fromisoformat(taken["postgres"])]
    assert before, "rows must have been written before the moment of the backup"
    assert found == list(range(len(found))), "what came back must be what there was at one moment"
    assert set(before) <= set(found), f"{len(set(before) - set(found))} acknowledged rows are lost"

    again = told(research(project, "backup", "run", "--json"))["backup"]
    for store in ("files", "neo4j", "postgres"):
        assert facts(project, again, store) == expected[store], f"every value of {store} must be as it was"


def test_who_was_logged_in_still_is_and_finds_everything(project: Project, kept: dict[str, Any]) -> None:
    person: Person = kept["person"]
    assert person.get("/api/projects").status == 200, "sessions must have come back"
    assert person.get(kept["things"]["picture"]).body == png()
    assert person.get(f"{kept['things']['group']}/analysis").status == 200


def test_postgresql_goes_back_to_the_second_between_two_writes(project: Project, kept: dict[str, Any]) -> None:
    keeper(project).perform("backup-base", {})
    with database(project) as connection:
        connection.execute("CREATE TABLE moments (word text)")
        connection.execute("INSERT INTO moments VALUES ('first')")
        time.sleep(2)
        between = datetime.now(UTC)
        time.sleep(2)
        connection.execute("INSERT INTO moments VALUES ('second')")
    at = f"{between:%Y-%m-%dT%H:%M:%SZ}"
    told(research(project, "restore", "--at", at, "--service", "postgres", "--confirm", project.stack, "--json"))
    with database(project) as connection:
        assert connection.execute("SELECT word FROM moments").fetchall() == [("first",)]


def test_a_drill_finds_the_newest_backup_whole(project: Project, kept: dict[str, Any]) -> None:
    report = told(research(project, "backup", "drill", "--json"))
    assert report["ok"], report


def test_an_exchanged_key_opens_the_backups_and_the_old_one_does_not(project: Project, kept: dict[str, Any]) -> None:
    before = keeper(project).key()
    assert research(project, "backup", "rotate-key", "--yes").code == 0
    assert keeper(project).key() != before
    assert keeper(project).listed()
    assert research(project, "backup", "verify", "--whole").code == 0


def test_a_damaged_byte_is_found(project: Project, kept: dict[str, Any]) -> None:
    scheduler = project.deployment().container("backup")
    flip = (
        "import pathlib; pack = max(pathlib.Path('/repository/data').glob('*/*'), key=lambda one: one.stat().st_size);"
        "pack.chmod(0o600); content = bytearray(pack.read_bytes()); content[len(content) // 2] ^= 1;"
        "pack.write_bytes(content)"
    )
    code, printed = scheduler.exec_run(["python", "-c", flip])
    assert code == 0, printed
    result = research(project, "backup", "verify", "--whole")
    assert result.code == 1
    assert "Traceback" not in result.text
