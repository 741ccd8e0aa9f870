"""The repository's key: made once, and exchanged so that a run that was cut short can go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
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
        monkeypatch.setattr(restic, "attempt", self.attempt)
        monkeypatch.setattr(restic, "call", self.call)

    def attempt(self, target: Target, *_: str) -> tuple[int, str, str]:
        held = target.key.read_text()
        if held not in self.opens[target.address]:
            return restic.WRONG_KEY, "", "wrong"
        return 0, f'[{{"id": "{held}", "current": true}}]', ""

    def call(self, target: Target, _key: str, what: str, *rest: str) -> None:
        if target.address in self.away:
            raise JobError(f"{target.address} is away")
        assert target.key.read_text() in self.opens[target.address], "only who can open it changes it"
        keys = self.opens[target.address]
        keys.add(Path(rest[-1]).read_text()) if what == "add" else keys.remove(rest[0])


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "KEPT_KEY", tmp_path / "backup_key")
    monkeypatch.setattr(settings, "GIVEN_KEY", tmp_path / "given")
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
    assert [path.name for path in kept.parent.iterdir()] == ["backup_key"]


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
