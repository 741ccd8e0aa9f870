"""What is backed up while people are at work comes back on an empty stack: every row, key, node and file."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from rehearsal.crowd import crowd
from rehearsal.elsewhere import elsewhere
from rehearsal.own_passphrase import OwnPassphrase
from rehearsal.project import Project
from rehearsal.research import RESEARCH, research, told
from rehearsal.stores import database
from rehearsal.witness import Diary, at_home, keeper, numbers, work
from smoke_tests.person import Person, newcomer
from smoke_tests.picture import png

STORES = ("postgres", "files", "redis", "neo4j")
DATA = ("postgres", "redis", "neo4j", "api")
"""The services whose volumes are lost."""

pytestmark = pytest.mark.usefixtures("edge")


def eventually(true: Callable[[], object], within: float = 90) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, f"not so after {within:.0f} s"
        time.sleep(0.2)


def facts(project: Project, backup: str, store: str) -> dict[str, Any]:
    """What a store's manifest says of a backup."""
    shown: dict[str, Any] = json.loads(keeper(project).ask("show", backup, store))["facts"]
    return shown


@pytest.fixture(scope="module")
def kept(project: OwnPassphrase) -> Iterator[dict[str, Any]]:
    """A backup that was made while a crowd was at work, somebody who worked before, and the rows of a diary."""
    with ExitStack() as until_done:
        until_done.enter_context(elsewhere()).is_for(project)
        result = project.up()
        assert result.code == 0, result.text
        print(f"up with backups: {result.seconds:.0f} s")  # noqa: T201
        website, _ = until_done.enter_context(at_home(project))
        person = until_done.enter_context(newcomer(project.deployment(), website))
        things = work(person)
        keeper(project).perform("backup-base", {})
        with crowd(project) as people, Diary().kept(project) as diary:
            done = told(research(project, "backup", "run", "--json"))
        print(f"meanwhile: {people}")  # noqa: T201
        assert done["ok"], done
        assert "copy" in {job["job"] for job in done["jobs"]}, "what was backed up must be elsewhere, too"
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


def test_what_a_killed_restore_has_left_stopped_is_started_again(project: Project, kept: dict[str, Any]) -> None:
    """The scheduler, which may start neo4j alone, has looked at it before somebody resumes."""
    scheduler = project.deployment().container("backup")
    command = [*RESEARCH, "restore", "--no-safety-backup", "--confirm", project.stack, "--stack", project.stack]
    with subprocess.Popen(command, cwd=project.folder, env={**os.environ, **project.environment}) as restoring:
        eventually(lambda: "restore-postgres" in project.containers())
        restoring.kill()
    assert "api" not in project.containers()
    eventually(lambda: b"api, stopped by a restore since" in scheduler.logs())
    assert told(research(project, "restore", "--resume", "--json"))["started"] == ["api"]
    eventually(lambda: project.status("/health") == HTTPStatus.OK)
    assert not [name for name in project.containers() if name.startswith("restore-")]
    assert told(research(project, "restore", "--resume", "--json"))["started"] == [], "nothing is left"


def test_a_lost_key_is_put_back(project: Project, kept: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(keeper(project).key())
    scheduler = project.deployment().container("backup")
    assert scheduler.exec_run(["python", "-c", "import os; os.remove('/run/key/backup_key')"]).exit_code == 0
    assert "research backup key --put" in research(project, "backup", "list").text
    wrong = tmp_path / "wrong"
    wrong.write_text("another")
    assert research(project, "backup", "key", "--put", str(wrong)).code == 1
    assert research(project, "backup", "key", "--put", str(file)).code == 0
    assert keeper(project).listed()


def test_a_drill_finds_the_newest_backup_whole(project: Project, kept: dict[str, Any]) -> None:
    report = told(research(project, "backup", "drill", "--json"))
    assert report["ok"], report


def test_an_exchanged_key_opens_the_backups_and_the_old_one_does_not(project: Project, kept: dict[str, Any]) -> None:
    before = keeper(project).key()
    exchanged = research(project, "backup", "rotate-key", "--yes")
    assert exchanged.code == 0
    assert "its owner has to remove that, with the new key" in exchanged.text, "elsewhere nothing may be taken away"
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
