import json
from pathlib import Path
from typing import Any

import pytest

from supply import bill, licences
from supply.bill import Change, Package

LIBSSL = "pkg:deb/debian/libssl3t64@3.5.9-1~deb13u1?arch=amd64&distro=debian-13&upstream=openssl"
BUSYBOX = "pkg:deb/debian/busybox@1:1.37.0-6%2Bb9?arch=amd64&distro=debian-13&upstream=busybox%401:1.37.0-6"


def component(purl: str, *given: dict[str, Any]) -> dict[str, Any]:
    return {"purl": purl, "licenses": list(given)}


def package(name: str, version: str, *those: str, kind: str = "deb") -> Package:
    return Package(kind, name, version, name, version, those)


@pytest.mark.parametrize(
    ("purl", "read"),
    [
        (LIBSSL, ("deb", "libssl3t64", "3.5.9-1~deb13u1", "openssl", "3.5.9-1~deb13u1")),
        (BUSYBOX, ("deb", "busybox", "1:1.37.0-6+b9", "busybox", "1:1.37.0-6")),
        ("pkg:pypi/fastapi@0.139.0", ("pypi", "fastapi", "0.139.0", "fastapi", "0.139.0")),
        ("pkg:npm/%40perses-dev/core@0.52.0", ("npm", "@perses-dev/core", "0.52.0", "@perses-dev/core", "0.52.0")),
        (
            "pkg:maven/org.neo4j/neo4j-io@5.26.30",
            ("maven", "org.neo4j/neo4j-io", "5.26.30", "org.neo4j/neo4j-io", "5.26.30"),
        ),
    ],
)
def test_a_package_is_read_from_its_url(purl: str, read: tuple[str, str, str, str, str]):
    assert Package.read(component(purl)) == Package(*read)


def test_a_package_names_its_licences_however_they_are_written():
    given: list[dict[str, Any]] = [
        {"license": {"id": "MIT"}},
        {"license": {"name": "Expat"}},
        {"expression": "MIT OR Apache-2.0"},
    ]
    read = Package.read(component("pkg:pypi/a@1", *given))
    assert read
    assert read.licences == ("Expat", "MIT", "MIT OR Apache-2.0")


def test_what_is_no_package_is_left_out_and_the_rest_sorted(tmp_path: Path):
    file = tmp_path / "redis.cdx.json"
    parts = [component(LIBSSL), {"name": "debian"}, component(BUSYBOX), component(BUSYBOX)]
    file.write_text(json.dumps({"bomFormat": "CycloneDX", "components": parts}))
    assert [one.name for one in bill.read(file)] == ["busybox", "libssl3t64"]
    assert bill.files(tmp_path) == {"redis": file}


def test_another_json_is_refused(tmp_path: Path):
    (tmp_path / "a.cdx.json").write_text("{}")
    with pytest.raises(ValueError, match="no CycloneDX JSON; `make sbom`"):
        bill.read(tmp_path / "a.cdx.json")


def test_changes_are_other_versions_and_what_came_and_went():
    old = [package("libc6", "1"), package("gone", "1"), package("same", "1", "MIT"), package("two", "1")]
    new = [package("libc6", "2"), package("new", "1"), package("same", "1", "ISC"), package("two", "1")]
    new += [package("two", "2")]
    assert [str(change) for change in bill.changes(old, new)] == [
        "gone 1 is gone",
        "libc6 1 -> 2",
        "new 1 is new",
        "two 2 is new",
    ]
    assert bill.changes(old, old) == []
    assert Change(old[0], new[0]) in bill.changes(old, new)


@pytest.mark.parametrize("licence", ["GPL-2.0-only", "LGPL", "MPL-2.0", "AGPL-3.0", "MIT OR GPL-2.0", "gpl-3.0"])
def test_copyleft_is_told_apart(licence: str):
    (line, others) = licences.report([package("a", "1", licence, "MIT")])
    assert line == f"  copyleft  a 1: {licence}"
    assert others == "  others    none"


def test_licences_that_are_not_copyleft_are_counted_and_packages_without_any_are_named():
    told = list(licences.report([package("a", "1", "MIT"), package("b", "1", "MIT"), package("c", "1", kind="npm")]))
    assert told == ["  unnamed   c 1 (npm)", "  others    MIT (2)"]
