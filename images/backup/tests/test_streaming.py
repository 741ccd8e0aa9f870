"""What the receiver sets aside, and what it notes while it receives."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from backup import streaming
from backup.postgres import Server
from backup.received import note, received
from backup.settings import Address, JobError, StoppedError
from backup.streaming import Progress

from tests.test_wal import segment

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Answering(Server):
    """A server that answers every question with the next of these rows, or fails."""

    rows: list[Any] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def session(self, _database: str) -> Iterator[Any]:
        yield self

    def execute(self, question: str, _arguments: object) -> Any:
        self.asked.append(question)
        return self

    def fetchone(self) -> Any:
        row = self.rows.pop(0) if len(self.rows) > 1 else self.rows[0]
        if isinstance(row, Exception):
            raise row
        return row


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answering]:
    monkeypatch.setenv("POSTGRES_DATABASE", "x")
    monkeypatch.setattr(streaming, "NOTE_SECONDS", 0.02)
    return lambda *rows: Answering(Address("x", 1), "backup", "", list(rows))


def left(folder: Path, *numbers: int) -> None:
    for number in numbers:
        (folder / segment(number)).touch()
    (folder / "system_identifier").write_text("1")


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (("1", segment(4), False), True),
        (("2", segment(4), False), False),
        (("1", segment(2), False), False),
        (("1", segment(4), True), False),
    ],
)
def test_only_what_the_server_goes_on_from_stays(
    tmp_path: Path, server: Callable[..., Answering], answer: tuple[str, str, bool], kept: bool
) -> None:
    left(tmp_path, 2, 3)
    note(tmp_path, NOW)
    one = server(answer)
    streaming.fit(one, tmp_path)
    asides = list(tmp_path.glob("aside-*"))
    assert (received(tmp_path).segments != [], asides == []) == (kept, kept)
    assert received(tmp_path).system == answer[0]
    assert any("pg_drop_replication_slot" in text for text in one.asked) == answer[2]
    for aside in asides:
        assert (received(aside).system, received(aside).until) == ("1", NOW)
        assert received(aside).segments == [segment(2), segment(3)]


def test_a_moment_is_reached_when_what_was_written_by_then_is_flushed_here() -> None:
    progress = Progress()
    assert progress.reached(NOW, 100, None) is None
    assert progress.reached(NOW + SECOND, 200, 150) == NOW
    assert progress.reached(NOW + 2 * SECOND, 200, 150) is None
    assert progress.reached(NOW + 3 * SECOND, 200, 200) == NOW + 3 * SECOND, "nothing is written, and all is here"
    for number in range(3000):
        progress.reached(NOW + number * SECOND, 300, 200)
    assert len(progress.pending) == streaming.MOST_PENDING


def test_while_it_receives_it_notes_how_far_it_is_and_tells_what_it_complained_of(
    tmp_path: Path, server: Callable[..., Answering], capsys: pytest.CaptureFixture[str]
) -> None:
    one = server(None, JobError("away"), (NOW, 100, 50), (NOW + SECOND, 100, 100))
    waits = "import sys, time; time.sleep(0.5); sys.exit('no such\\nslot')"
    assert streaming.watched([sys.executable, "-c", waits], one, tmp_path) == "no such slot"
    assert received(tmp_path).until == NOW + SECOND
    assert capsys.readouterr().err == "receive-wal: away\n"


def test_told_to_stop_it_leaves_no_receiver_behind(tmp_path: Path, server: Callable[..., Answering]) -> None:
    one = server(StoppedError("told"))
    with pytest.raises(StoppedError):
        streaming.watched([sys.executable, "-c", "import time; time.sleep(60)"], one, tmp_path)


def test_a_log_that_the_server_has_no_more_is_set_aside(
    tmp_path: Path, server: Callable[..., Answering], monkeypatch: pytest.MonkeyPatch
) -> None:
    left(tmp_path, 2, 3)
    said = "pg_receivewal: error: requested WAL segment 000000010000000000000004 has already been removed"
    stub = tmp_path / "bin" / "pg_receivewal"
    stub.parent.mkdir()
    stub.write_text(f"#!/bin/sh\ncase $* in *--create-slot*) exit 0;; esac\necho '{said}' >&2; exit 1\n")
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stub.parent}:/usr/bin:/bin")
    with pytest.raises(JobError, match="has already been removed"):
        streaming._receive(server(None), tmp_path)  # noqa: SLF001 - what goes on for ever around it is not tested
    assert received(tmp_path).segments == []
    assert len(list(tmp_path.glob("aside-*/0000*"))) == 2
