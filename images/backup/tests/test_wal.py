"""Which base and which log lead to a moment, and which segments may go."""

from pathlib import Path

import pytest
from backup import wal
from backup.manifest import Head
from backup.received import complete
from backup.settings import JobError


def head(store: str, taken: str, first: str, system: str = "1") -> Head:
    return Head(taken, store, taken, 1, f"d{taken}", f"m{taken}", first, system)


def segment(number: int, timeline: int = 1) -> str:
    return f"{timeline:08X}{number // 256:08X}{number % 256:08X}"


HEADS = [
    head("base", "01", segment(3)),
    head("wal", "02", segment(2)),
    head("wal", "04", segment(2)),
    head("base", "05", segment(9)),
    head("wal", "06", segment(2)),
    head("wal", "08", segment(9)),
]


@pytest.mark.parametrize(
    ("until", "base", "log"),
    [("", "05", "08"), ("07", "05", "08"), ("055", "05", "06"), ("03", "01", "04"), ("045", "01", "06")],
)
def test_the_base_before_and_the_first_log_after_a_moment_are_taken(until: str, base: str, log: str) -> None:
    found = wal.chosen(HEADS, until)
    assert (found[0].taken, found[1].taken) == (base, log)


@pytest.mark.parametrize(("until", "told"), [("00", "the oldest is of 01"), ("09", "reaches to 08, not to 09")])
def test_a_moment_that_nothing_leads_to_is_told_with_what_there_is(until: str, told: str) -> None:
    with pytest.raises(JobError, match=told):
        wal.chosen(HEADS, until)


def test_a_log_that_begins_after_the_base_leads_to_nothing() -> None:
    with pytest.raises(JobError, match="reaches to none"):
        wal.chosen([head("base", "01", segment(3)), head("wal", "02", segment(4))], "")


def test_the_log_of_another_server_leads_from_no_base() -> None:
    heads = [head("base", "01", segment(3)), head("wal", "02", segment(3)), head("wal", "03", segment(3), "2")]
    assert wal.chosen(heads, "")[1].taken == "02"
    with pytest.raises(JobError, match="reaches to 02, not to 025"):
        wal.chosen(heads, "025")


def test_segments_that_are_stored_and_older_than_the_base_go_and_the_newest_never(tmp_path: Path) -> None:
    for name in (segment(1), segment(2), segment(3), f"{segment(4)}.partial", "00000002.history", "system_identifier"):
        (tmp_path / name).touch()
    stored = complete(tmp_path)
    assert stored == [segment(number) for number in (1, 2, 3, 4)]
    wal.let_go(tmp_path, stored, segment(3))
    assert complete(tmp_path) == [segment(3), segment(4)]
    assert (tmp_path / "00000002.history").exists()
    wal.let_go(tmp_path, complete(tmp_path), segment(0, timeline=2))
    assert complete(tmp_path) == [segment(4)]
