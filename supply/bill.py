"""A bill of materials: the packages of one image, read from the CycloneDX JSON that Syft wrote."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote

SUFFIX = ".cdx.json"


@dataclass(frozen=True, order=True)
class Package:
    """One package. `kind` is the type of its package URL (deb, pypi, npm, maven, golang, ...).

    A Debian package is built from a `source`, of which advisories and changelogs speak; others are their own.
    """

    kind: str
    name: str
    version: str
    source: str
    source_version: str
    licences: tuple[str, ...] = ()

    @classmethod
    def read(cls, component: Mapping[str, Any]) -> Self | None:
        """A component of the JSON as a package; None for one that has no package URL."""
        purl = component.get("purl", "")
        if not purl.startswith("pkg:"):
            return None
        path, _, qualifiers = purl.removeprefix("pkg:").partition("?")
        kind, _, place = path.partition("/")
        name, _, version = unquote(place).rpartition("@")
        licences = tuple(sorted(_licences(component)))
        if kind != "deb":
            return cls(kind, name, version, name, version, licences)
        name = name.rpartition("/")[2]
        source, _, source_version = parse_qs(qualifiers).get("upstream", [name])[0].partition("@")
        return cls(kind, name, version, source, source_version or version, licences)

    @property
    def identity(self) -> tuple[str, str]:
        """What stays the same from one version to the next."""
        return self.kind, self.name

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def read(file: Path) -> list[Package]:
    """The packages of an image, sorted, each once. ValueError when the file is no bill of materials."""
    bill = json.loads(file.read_text())
    if bill.get("bomFormat") != "CycloneDX":
        raise ValueError(f"{file} is no CycloneDX JSON; `make sbom` writes it anew")
    return sorted({package for one in bill.get("components", []) if (package := Package.read(one))})


def files(folder: Path) -> dict[str, Path]:
    """The bills of a folder by the names of their images."""
    return {file.name.removesuffix(SUFFIX): file for file in sorted(folder.glob(f"*{SUFFIX}"))}


@dataclass(frozen=True, order=True)
class Change:
    """A package that is another one now; None where it was not there."""

    before: Package | None
    after: Package | None

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.after} is new"
        if self.after is None:
            return f"{self.before} is gone"
        return f"{self.before} -> {self.after.version}"


def changes(before: Iterable[Package], after: Iterable[Package]) -> list[Change]:
    """What became another version, came or went; licences are not looked at."""
    old, new = _versions(before), _versions(after)
    found = []
    for identity in sorted(old.keys() | new.keys()):
        gone = [one for version, one in old.get(identity, {}).items() if version not in new.get(identity, {})]
        come = [one for version, one in new.get(identity, {}).items() if version not in old.get(identity, {})]
        pairs = min(len(gone), len(come))
        found += [Change(a, b) for a, b in zip(gone[:pairs], come[:pairs], strict=True)]
        found += [Change(one, None) for one in gone[pairs:]] + [Change(None, one) for one in come[pairs:]]
    return found


def _versions(packages: Iterable[Package]) -> dict[tuple[str, str], dict[str, Package]]:
    """By identity and version: an image may hold a package in two versions."""
    found: dict[tuple[str, str], dict[str, Package]] = {}
    for package in packages:
        found.setdefault(package.identity, {})[package.version] = package
    return found


def _licences(component: Mapping[str, Any]) -> Iterator[str]:
    for one in component.get("licenses", []):
        licence = one.get("license", {})
        yield one.get("expression") or licence.get("id") or licence.get("name") or licence.get("url")
