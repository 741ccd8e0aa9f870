import subprocess

import pytest

from supply import changelogs
from supply.bill import Change, Package
from supply.changelogs import Named, cves_between, cves_named
from toolchain.command import Command, StepError

OPENSSL = """\
openssl (3.5.9-1~deb13u1) trixie; urgency=medium

  * Import 3.5.9
   - CVE-2026-0001 (one)
   - CVE-2026-0002, CVE-2026-00031 (two)

 -- Somebody <somebody@example.org>  Sat, 03 Oct 2026 18:00:00 +0200

openssl (3.5.8-1) unstable; urgency=medium

  * CVE-2026-0002 (again), CVE-2025-9999

 -- Somebody <somebody@example.org>  Tue, 01 Sep 2026 18:00:00 +0200

openssl (3.5.7-1~deb13u3) trixie-security; urgency=medium

  * CVE-2025-0001 (fixed before)

 -- Somebody <somebody@example.org>  Sat, 01 Aug 2026 18:00:00 +0200
"""


def deb(name: str, version: str, source: str = "", source_version: str = "") -> Package:
    return Package("deb", name, version, source or name, source_version or version)


def test_cves_are_those_of_the_entries_in_between_each_once():
    named = cves_between("3.5.7-1~deb13u3", "3.5.9-1~deb13u1", OPENSSL)
    assert named.cves == ("CVE-2025-9999", "CVE-2026-0001", "CVE-2026-0002", "CVE-2026-00031")
    assert cves_between("3.5.8-1", "3.5.9-1~deb13u1", OPENSSL).cves == (
        "CVE-2026-0001",
        "CVE-2026-0002",
        "CVE-2026-00031",
    )


@pytest.mark.parametrize(
    ("before", "after", "changelog", "why"),
    [
        ("3.5.6-1", "3.5.9-1~deb13u1", OPENSSL, "no entry for 3.5.6-1"),
        ("3.5.7-1~deb13u3", "3.5.10-1", OPENSSL, "no entry for 3.5.10-1"),
        ("1", "2", "", "is not to be had"),
    ],
)
def test_a_changelog_that_does_not_tell_is_not_taken_for_one_without_cves(
    before: str, after: str, changelog: str, why: str
):
    named = cves_between(before, after, changelog)
    assert named.cves is None
    assert why in named.why


def test_one_package_of_each_source_is_asked_for(monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    def outcome(command: Command, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        assert stdin == changelogs.FETCH
        asked.extend(str(word) for word in command.argv if "=" in str(word))
        return subprocess.CompletedProcess([], 0, f"=== {asked[0]}\n{OPENSSL}=== {asked[1]}\n", "")

    monkeypatch.setattr(Command, "outcome", outcome)
    old, new = "3.5.7-1~deb13u3", "3.5.9-1~deb13u1"
    library = Change(deb("libssl3t64", old, "openssl"), deb("libssl3t64", new, "openssl"))
    program = Change(deb("openssl", old), deb("openssl", new))
    rebuilt = Change(deb("busybox", "6+b1", "busybox", "6"), deb("busybox", "6+b2", "busybox", "6"))
    module = Change(Package("npm", "a", "1", "a", "1"), Package("npm", "a", "2", "a", "2"))
    others = [Change(None, deb("new", "1")), module]
    named = cves_named([library, program, rebuilt, *others])
    assert sorted(asked) == ["busybox=6+b2", "openssl=3.5.9-1~deb13u1"]
    assert named[library] == named[program]
    assert len(named[library].cves or ()) == 4
    assert named[rebuilt] == Named((), "built again from the same source")
    assert not named.keys() & set(others)


def test_an_engine_that_does_not_run_it_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Command, "outcome", lambda *_: subprocess.CompletedProcess([], 125, "", "no engine"))
    with pytest.raises(StepError, match="no engine"):
        cves_named([Change(deb("a", "1"), deb("a", "2"))])
