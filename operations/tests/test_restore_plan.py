"""Which backup a store comes from, told from the list of what there is."""

from typing import Any

import pytest

from operations.exit_codes import OperationError
from operations.restore_plan import LATEST, NEWEST, sources

ALL = ("postgres", "files", "redis", "neo4j")


def backup(day: int, *stores: str) -> list[dict[str, Any]]:
    taken = f"2026-11-{day:02}T03:30:00.000+00:00"
    return [{"backup": f"202611{day:02}T033000Z", "store": store, "taken": taken, "bytes": 1} for store in stores]


LISTED = [*backup(1, *ALL), *backup(2, "base", "wal"), *backup(3, *ALL), *backup(5, "postgres", "wal")]


def test_without_a_wish_each_store_comes_from_its_newest():
    found = {one.store: one.backup for one in sources(LISTED, NEWEST, ALL)}
    assert found == {**dict.fromkeys(ALL, "20261103T033000Z"), "postgres": "20261105T033000Z"}


def test_a_backup_by_name_is_that_one_and_nothing_newer():
    assert {one.backup for one in sources(LISTED, "20261101T033000Z", ALL)} == {"20261101T033000Z"}


def test_a_store_that_is_not_in_the_named_backup_is_refused():
    with pytest.raises(OperationError, match="no backup of redis in backup 20261105T033000Z; nothing was changed"):
        sources(LISTED, "20261105T033000Z", ["redis"])


def test_at_a_time_that_the_wal_reaches_postgresql_comes_back_to_the_second():
    found = sources(LISTED, "2026-11-04T12:34:56Z", ["postgres", "redis"])
    assert (found[0].until, found[0].is_moment) == ("2026-11-04T12:34:56+00:00", True)
    assert found[1].backup == "20261103T033000Z"


@pytest.mark.parametrize("time", ["2026-11-01T12:00:00Z", "2026-11-06T00:00:00Z"])
def test_at_a_time_that_no_wal_reaches_it_comes_from_its_last_backup_before(time: str):
    assert not sources(LISTED, time, ["postgres"])[0].is_moment


def test_a_time_is_utc_unless_it_says_another_zone():
    assert sources(LISTED, "2026-11-03T03:00:00", ["redis"])[0].backup == "20261101T033000Z"
    assert sources(LISTED, "2026-11-03T03:00:00-02:00", ["redis"])[0].backup == "20261103T033000Z"


def test_before_the_first_backup_there_is_nothing():
    with pytest.raises(OperationError, match="no backup of postgres before 2026-10-01T00:00:00Z"):
        sources(LISTED, "2026-10-01T00:00:00Z", ALL)


def test_what_is_neither_a_backup_nor_a_time_is_refused():
    with pytest.raises(OperationError, match="--at yesterday: neither a backup"):
        sources(LISTED, "yesterday", ALL)


def test_the_latest_of_postgresql_is_the_end_of_its_wal_and_of_others_their_newest():
    found = {one.store: one for one in sources(LISTED, LATEST, ALL)}
    assert (found["postgres"].is_moment, found["postgres"].until) == (True, "")
    assert "as it was at 2026-11-05" in found["postgres"].told
    assert found["redis"].backup == "20261103T033000Z"
