"""Which CVEs Debian's changelogs name between two versions of a package."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from supply.bill import Change, Package
from toolchain.base_image import TAG
from toolchain.command import Command

# Every package carries its changelog; where the folder of one is a link, it is to another package of the same source.
FETCH = r"""
set -eu
apt-get update -qq
cd "$(mktemp -d)"
unpack() {
    apt-get download -qq "$1" 2>/dev/null && dpkg-deb --fsys-tarfile ./*.deb | tar -x ./usr/share/doc && rm ./*.deb
}
for wanted; do
    echo "=== $wanted"
    name=${wanted%%=*}
    unpack "$wanted" || continue
    if [ -L "usr/share/doc/$name" ]; then
        name=$(readlink "usr/share/doc/$name")
        unpack "$name=${wanted#*=}" || continue
    fi
    zcat "usr/share/doc/$name"/changelog.Debian.gz 2>/dev/null || zcat "usr/share/doc/$name"/changelog.gz || true
    rm -r usr
done
"""
ENTRY = re.compile(r"(?m)^\S+ \(([^)]+)\) ")
CVE = re.compile(r"CVE-\d{4}-\d{4,}")


@dataclass(frozen=True)
class Named:
    """The CVEs that a changelog names since a version; None when it does not say, with the reason."""

    cves: tuple[str, ...] | None
    why: str = ""


def cves_between(before: str, after: str, changelog: str) -> Named:
    """The CVEs in the entries after one version, up to and with another one: both are versions of the source."""
    parts = ENTRY.split(changelog)[1:]
    entries = list(zip(parts[::2], parts[1::2], strict=True))
    versions = [version for version, _ in entries]
    if not entries:
        return Named(None, "its changelog is not to be had")
    for version in (before, after):
        if version not in versions:
            return Named(None, f"its changelog has no entry for {version}")
    text = "".join(text for _, text in entries[versions.index(after) : versions.index(before)])
    return Named(tuple(sorted(set(CVE.findall(text)))))


def cves_named(changes: Iterable[Change]) -> dict[Change, Named]:
    """What the changelogs say of each Debian package that became another version. StepError without an engine."""
    pairs = [(change, change.before, change.after) for change in changes if change.before and change.after]
    moved = [pair for pair in pairs if pair[2].kind == "deb"]
    if not moved:
        return {}
    # One package of each source is enough.
    asked = {one.source: f"{one.name}={one.version}" for _, _, one in moved}
    changelogs = _fetched(asked.values())
    return {change: _between(before, after, changelogs[asked[after.source]]) for change, before, after in moved}


def _between(before: Package, after: Package, changelog: str) -> Named:
    if before.source_version == after.source_version:
        return Named((), "built again from the same source")
    return cves_between(before.source_version, after.source_version, changelog)


def _fetched(packages: Iterable[str]) -> dict[str, str]:
    """The changelogs by package and version; empty when the mirror has that version no more."""
    command = ["docker", "run", "--rm", "--interactive", TAG, "sh", "-s", "--", *packages]
    told = Command(command, advice="Check that the engine's containers reach a Debian mirror, then run it again.").run(
        FETCH
    )
    sections = re.split(r"(?m)^=== (\S+)$", told)[1:]
    return dict(zip(sections[::2], sections[1::2], strict=True))
