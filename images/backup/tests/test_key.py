"""The repository's key: made once, and exchanged so that a run that was cut short can go on."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from backup import __main__ as command_line
from backup import key, restic, settings
from backup.restic import Target
from backup.results import Result
from backup.settings import JobError, Request, SettingsError


class Places:
    """Repositories as restic has them: the keys that open each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kept: Path) -> None:
        self.targets = [Target(address, key=kept) for address in ("/repository", "rest:https://elsewhere")]
        self.opens: dict[str, set[str]] = {one.address: {kept.read_text()} for one in self.targets}
        self.away: set[str] = set()
        self.append_only: dict[str, str] = {}
        """By the address of a place from which nothing may be taken: what it says then."""
        monkeypatch.setattr(restic, "attempt", self.attempt)
        monkeypatch.setattr(restic, "call", self.call)

    def attempt(self, target: Target, _key: str, what: str, *rest: str) -> tuple[int, str, str]:
        held = target.key.read_text()
        if held not in self.opens[target.address]:
            return restic.WRONG_KEY, "", "wrong"
        if what == "list":
            return 0, f'[{{"id": "{held}", "current": true}}]', ""
        if target.address in self.append_only:
            return 1, "", self.append_only[target.address]
        self.opens[target.address].remove(rest[0])
        return 0, "", ""

    def call(self, target: Target, _key: str, what: str, *rest: str) -> None:
        if target.address in self.away:
            raise JobError(f"{target.address} is away")
        assert target.key.read_text() in self.opens[target.address], "only who can open it changes it"
        assert what == "add"
        self.opens[target.address].add(Path(rest[-1]).read_text())


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "KEPT_KEY", tmp_path / "backup_key")
    monkeypatch.setattr(settings, "GIVEN_KEY", tmp_path / "given")
    monkeypatch.setattr(settings, "REPOSITORY", tmp_path / "repository")
    monkeypatch.setattr(settings, "WORK", tmp_path / "work")
    settings.WORK.mkdir()
    key.make()
    return tmp_path / "backup_key"


@pytest.fixture
def places(kept: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    places = Places(monkeypatch, kept)

    @contextmanager
    def targets() -> Iterator[list[Target]]:
        yield [replace(one) for one in places.targets]

    monkeypatch.setattr(key, "_targets", targets)
    return places


def exchange() -> dict[str, Any]:
    result = Result("backup-key", "now")
    key.job(Request(), result)
    return result.report


def test_it_is_made_once_and_for_its_owner_alone(kept: Path) -> None:
    first = kept.read_text()
    key.make()
    assert kept.read_text() == first
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(first) >= 32


def test_afterwards_the_new_one_opens_every_place_and_the_old_one_none(kept: Path, places: Places) -> None:
    old = kept.read_text()
    assert exchange() == {"places": 2}
    assert kept.read_text() != old
    assert set(map(frozenset, places.opens.values())) == {frozenset({kept.read_text()})}
    assert [path.name for path in kept.parent.iterdir() if path.is_file()] == ["backup_key"]


def test_a_place_that_is_away_leaves_the_old_one_in_use_and_the_next_run_goes_on(kept: Path, places: Places) -> None:
    old = kept.read_text()
    places.away = {"rest:https://elsewhere"}
    with pytest.raises(JobError, match="is away"):
        exchange()
    assert kept.read_text() == old
    places.away = set()
    exchange()
    assert old not in set.union(*places.opens.values())
    assert all(opening == {kept.read_text()} for opening in places.opens.values())


@pytest.mark.parametrize(
    "said",
    [
        "Remove(<key/ab>) failed: blob not removed, server response: 403 Forbidden (403)",
        "client.RemoveObject: Access Denied.",
    ],
)
def test_a_place_from_which_nothing_may_be_taken_keeps_the_old_one_and_its_owner_is_told(
    kept: Path, places: Places, said: str
) -> None:
    old = kept.read_text()
    places.append_only = {"rest:https://elsewhere": said}
    report = exchange()
    (told,) = report["left"]
    assert "rest:https://elsewhere" in told
    assert f"`restic -r rest:https://elsewhere key remove {old}`" in told
    assert [path.name for path in kept.parent.iterdir() if path.is_file()] == ["backup_key"]
    assert places.opens["/repository"] == {kept.read_text()}
    assert exchange()["places"] == 2


def test_an_old_one_that_cannot_be_removed_for_another_reason_is_tried_again(kept: Path, places: Places) -> None:
    places.append_only = {"/repository": "write: no space left on device"}
    with pytest.raises(JobError, match="no space left"):
        exchange()
    assert kept.with_name(key.FORMER).exists()


def test_a_run_that_was_killed_after_the_exchange_removes_the_old_one(kept: Path, places: Places) -> None:
    old = kept.read_text()
    kept.with_name(key.FORMER).write_text(old)
    kept.write_text("new")
    for opening in places.opens.values():
        opening.add("new")
    exchange()
    assert all(opening == {"new"} for opening in places.opens.values())


def test_a_key_from_outside_is_exchanged_there(kept: Path, places: Places) -> None:
    settings.GIVEN_KEY.write_text("theirs")
    with pytest.raises(SettingsError, match="exchange it there"):
        exchange()


def test_a_lost_key_is_not_replaced_by_one_that_does_not_open_the_repository(
    kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept.unlink()
    settings.REPOSITORY.mkdir()
    (settings.REPOSITORY / "config").touch()
    key.make()
    assert not kept.exists()
    (line,) = caplog.messages
    assert "it opens a repository that is there" in line
    assert "`research backup key --put <file>`" in line


@pytest.fixture
def repository(kept: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """The stack's own repository, which the key that was made first opens."""
    settings.REPOSITORY.mkdir()
    (settings.REPOSITORY / "config").touch()
    places = Places(monkeypatch, kept)
    places.opens = {str(settings.REPOSITORY): {kept.read_text()}}
    return places


def put(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    return command_line.main(["key", "put"])


def test_a_key_that_opens_the_repository_is_put_into_its_place(
    kept: Path, repository: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kept.read_text()
    kept.unlink()
    assert put(f"{first}\n", monkeypatch) == 0
    assert kept.read_text() == first
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in kept.parent.iterdir() if path.is_file()] == ["backup_key"]


def test_a_key_that_does_not_open_the_repository_replaces_nothing(
    kept: Path, repository: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = kept.read_text()
    assert put("another", monkeypatch) == 1
    assert "does not open" in capsys.readouterr().err
    assert kept.read_text() == first
    assert [path.name for path in kept.parent.iterdir() if path.is_file()] == ["backup_key"]


def test_before_there_is_a_repository_any_key_is_taken(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert put("another", monkeypatch) == 0
    assert kept.read_text() == "another"


@pytest.mark.parametrize("text", ["", "\n", "two\nlines"])
def test_what_is_no_key_is_refused(kept: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = kept.read_text()
    assert put(text, monkeypatch) == 2
    assert kept.read_text() == first


def test_the_key_from_before_an_exchange_is_not_put_back_while_that_is_under_way(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.with_name(key.FORMER).write_text("old")
    assert put("old", monkeypatch) == 1
