"""A store's backup counts when its manifest names data that are there; its facts are compared one by one."""

from backup import manifest
from backup.manifest import Facts
from backup.repository import Snapshot


def data(name: str, backup: str, original: str = "") -> Snapshot:
    return Snapshot(name, original or name, {"": backup, "store": "redis", "part": "data"}, backup)


def head(name: str, backup: str, of: str, **more: str) -> Snapshot:
    tags = {"": backup, "store": "redis", "part": "manifest", "taken": f"{backup}.000+00:00", "bytes": "7", "data": of}
    return Snapshot(name, name, {**tags, **more}, backup)


def test_what_has_data_and_a_manifest_counts_and_the_oldest_comes_first() -> None:
    snapshots = [data("d2", "2"), head("m2", "2", "d2"), data("d1", "1"), head("m1", "1", "d1")]
    found = manifest.counting(snapshots)
    assert [(one.backup, one.data, one.manifest, one.bytes) for one in found] == [
        ("1", "d1", "m1", 7),
        ("2", "d2", "m2", 7),
    ]


def test_data_without_a_manifest_and_a_manifest_without_data_do_not_count() -> None:
    assert manifest.counting([data("d1", "1"), head("m2", "2", "d2")]) == []


def test_a_manifest_names_data_that_were_copied_from_another_repository() -> None:
    found = manifest.counting([data("copied", "1", original="d1"), head("m1", "1", "d1")])
    assert [one.data for one in found] == ["copied"]


def test_a_manifest_that_names_another_manifest_does_not_count() -> None:
    assert manifest.counting([head("m1", "1", "m1")]) == []


def test_facts_are_compared_by_their_text_and_told_in_sentences() -> None:
    expected: Facts = {"keys": 3, "digest": "aa", "only here": True, "same": 7}
    found: Facts = {"keys": "4", "digest": "aa", "only there": 1, "same": "7"}
    assert manifest.differences(expected, found) == [
        "keys: 3 in the manifest, 4 in the copy",
        "only here: True in the manifest, missing in the copy",
        "only there: not in the manifest, 1 in the copy",
    ]


def test_no_more_than_twenty_differences_are_told() -> None:
    assert len(manifest.differences({f"file {n}": "aa" for n in range(99)}, {})) == 20
