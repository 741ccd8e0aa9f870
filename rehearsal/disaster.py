"""`python -m rehearsal.disaster`: docs/disaster.md, step by step, and then another stack gets a copy."""

import json
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rehearsal.elsewhere import Elsewhere, elsewhere
from rehearsal.own_passphrase import OwnPassphrase
from rehearsal.project import Project
from rehearsal.research import RESEARCH, research, told
from rehearsal.witness import Diary, at_home, keeper, numbers, work
from smoke_tests.person import Person, newcomer
from smoke_tests.picture import png
from toolchain.report import say

WRITING_SECONDS = 5


class AnotherHost(OwnPassphrase):
    """A checkout on a host that has nothing: the lost stack's file, and a passphrase of its own."""

    def __init__(self, folder: Path, stack: str, file: str) -> None:
        super().__init__(folder, stack)
        self._file = file

    def first_file(self) -> str:
        """The lost stack's."""
        return self._file


@dataclass(frozen=True)
class Remembered:
    """What people know when their host is lost."""

    key: Path
    file: str
    rows: int
    person: Person
    things: dict[str, str]


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Tell how long something took."""
    began = time.monotonic()
    yield
    say(f"| {what} | {time.monotonic() - began:.0f} |")


def up(project: Project) -> None:
    """As `make up`."""
    result = project.up()
    assert result.code == 0, result.text
    assert research(project, "backup", "remember").code == 0


def perform(project: Project, *jobs: str) -> None:
    """Let jobs do what the scheduler lets them do, later."""
    kept = keeper(project)
    with kept.alone("a rehearsal", wait_seconds=600):
        for job in jobs:
            kept.perform(job, {})


def live_and_be_lost(project: OwnPassphrase, place: Elsewhere, until_done: ExitStack) -> Remembered:
    """People work, their work is copied elsewhere, and then nothing is left of the host but the key that was noted."""
    project.prepare()
    place.is_for(project)
    up(project)
    website, _ = until_done.enter_context(at_home(project))
    person = until_done.enter_context(newcomer(project.deployment(), website))
    things = work(person)
    # Not by `research`, which shows in the log what was printed.
    asked = (*RESEARCH, "backup", "key", "--confirm", project.stack, "--stack", project.stack)
    shown = project.run(*asked).text
    key = project.folder.parent.parent / "key"
    key.write_text(shown.strip().splitlines()[-1])
    perform(project, "backup-base")
    assert told(research(project, "backup", "run", "--json"))["ok"]
    with Diary().kept(project) as diary:
        time.sleep(WRITING_SECONDS)
    time.sleep(WRITING_SECONDS)  # until the log's receiver has noted that
    perform(project, "backup-wal", "backup-copy")  # every quarter of an hour, and once an hour
    until_done.close()  # who looks at the stack from inside goes first
    file = project.file.read_text()
    project.clean()
    shutil.rmtree(project.folder.parent)
    return Remembered(key, file, len(diary.written), person, things)


def come_back(project: OwnPassphrase, place: Elsewhere, remembered: Remembered) -> None:
    """The steps of the runbook, by their numbers."""
    with timed("1 to 3: an empty stack"):
        project.prepare()
        place.is_for(project)
        up(project)
    with timed("4: the backups from elsewhere"):
        told(research(project, "backup", "import", str(remembered.key), "--json"))
    state = project.folder.parent / "lost"
    with timed("5: the lost stack's state"):
        assert research(project, "backup", "state", str(state)).code == 0
    assert (state / "stack.yaml").read_text() == remembered.file
    assert json.loads((state / "state.json").read_text())["deployment"]["resources"]
    with timed("6: everything restored"):
        restore = ("restore", "--at", "latest", "--no-safety-backup", "--confirm", project.stack, "--json")
        report = told(research(project, *restore))
    say(f"{ {store: one['seconds'] for store, one in report['restored'].items()} }")
    must_be_as_it_was(project, remembered)
    assert told(research(project, "backup", "run", "--json"))["ok"], "it makes backups as before"


def must_be_as_it_was(project: Project, remembered: Remembered) -> None:
    """Every row that was acknowledged, and somebody who finds what they made."""
    assert numbers(project) == list(range(remembered.rows))
    with at_home(project) as (website, _):
        person = Person(website, remembered.person.email, remembered.person.password)
        assert person.sign_in().status == 200
        assert person.get(remembered.things["picture"]).body == png()
        assert person.get(f"{remembered.things['group']}/analysis").json


def clean_unless_lost(project: Project) -> None:
    """Take a stack away whose checkout is still there."""
    if project.folder.exists():
        project.clean()


def main() -> int:
    """Lose a host, come back on another, and copy that into a third stack."""
    name = f"disaster-{secrets.token_hex(3)}"
    with ExitStack() as until_done:
        folder = Path(until_done.enter_context(tempfile.TemporaryDirectory(prefix="disaster-")))
        place = until_done.enter_context(elsewhere())
        (folder / "lost").mkdir()
        lost = OwnPassphrase(folder / "lost", name)
        until_done.callback(clean_unless_lost, lost)
        remembered = live_and_be_lost(lost, place, until_done.enter_context(ExitStack()))
        (folder / "another").mkdir()
        another = AnotherHost(folder / "another", name, remembered.file)
        until_done.callback(another.clean)
        come_back(another, place, remembered)
        (folder / "copy").mkdir()
        copy = until_done.enter_context(Project(folder / "copy", f"{name}-copy").prepared())
        copy.set("backup", True)
        up(copy)
        with timed("another stack's backups"):
            told(research(copy, "backup", "import", "--from-stack", name, "--json"))
        told(research(copy, "restore", "--no-safety-backup", "--confirm", copy.stack, "--json"))
        must_be_as_it_was(copy, remembered)
    return 0


if __name__ == "__main__":
    sys.exit(main())
