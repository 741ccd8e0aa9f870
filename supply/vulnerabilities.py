"""What two scanners know of the packages in a bill of materials. One that could not ask has checked nothing."""

import http.client
import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from supply.bill import Package
from supply.bill import read as read_bill
from toolchain.command import Command, found

OSV = "https://api.osv.dev/v1/querybatch"
ECOSYSTEMS = {"deb": "Debian:13", "pypi": "PyPI", "npm": "npm", "maven": "Maven", "golang": "Go"}
MOST_AT_ONCE = 1000
MOST_PAGES = 20
SECONDS = 60
# OSV's own example of a vulnerable package: an answer that does not know it knows nothing.
CANARY = {"package": {"name": "jinja2", "ecosystem": "PyPI"}, "version": "2.4.1"}
GRYPE_SECONDS = 600


@dataclass(frozen=True)
class Finding:
    """What one scanner says of one image: advisories by package; `not_checked` says why it says nothing."""

    scanner: str
    advisories: dict[str, tuple[str, ...]]
    not_checked: str = ""
    left_out: int = 0

    def __str__(self) -> str:
        if self.not_checked:
            return f"not checked by {self.scanner}: {self.not_checked}"
        rest = f" ({self.left_out} packages are of kinds that it does not know)" if self.left_out else ""
        if not self.advisories:
            return f"{self.scanner} knows of none{rest}"
        lines = [f"  {package}: {' '.join(ids)}" for package, ids in sorted(self.advisories.items())]
        return "\n".join([f"{self.scanner} knows of {len(lines)} vulnerable packages{rest}", *lines])


class Scanner(Protocol):
    """Somebody who knows of vulnerabilities."""

    def look(self, bill: Path) -> Finding:
        """What is known of the packages in a bill of materials."""


@dataclass(frozen=True)
class Osv:
    """The open database of vulnerabilities, asked over HTTP."""

    url: str = OSV

    def look(self, bill: Path) -> Finding:
        """Ask for all packages of the ecosystems that it has; one batch without an answer is no answer."""
        packages = read_bill(bill)
        known = [one for one in packages if one.kind in ECOSYSTEMS]
        if not known:
            return Finding("OSV", {}, f"of the {len(packages)} packages in {bill.name} it knows the kind of none")
        advisories: dict[str, tuple[str, ...]] = {}
        try:
            for start in range(0, len(known), MOST_AT_ONCE - 1):
                advisories |= self._ask(known[start : start + MOST_AT_ONCE - 1])
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
            return Finding("OSV", {}, f"{type(error).__name__}: {error}")
        return Finding("OSV", advisories, left_out=len(packages) - len(known))

    def _ask(self, packages: Sequence[Package]) -> dict[str, tuple[str, ...]]:
        canary, *answers = self._paged([CANARY, *(_query(package) for package in packages)])
        if not canary:
            raise ValueError(f"it knows of nothing wrong with {CANARY['package']} {CANARY['version']}")
        return {str(package): ids for package, ids in zip(packages, answers, strict=True) if ids}

    def _paged(self, queries: list[dict[str, Any]]) -> list[tuple[str, ...]]:
        """What it knows by query; where it leaves something for a next page, it is asked again."""
        known: list[tuple[str, ...]] = [()] * len(queries)
        left = dict(enumerate(queries))
        for _ in range(MOST_PAGES):
            answers = zip(list(left), self._batch([*left.values()]), strict=True)
            left = {}
            for number, result in answers:
                known[number] += tuple(one["id"] for one in result.get("vulns", ()))
                if token := result.get("next_page_token"):
                    left[number] = {**queries[number], "page_token": token}
            if not left:
                return known
        raise ValueError(f"it has more than {MOST_PAGES} pages")

    def _batch(self, queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        request = urllib.request.Request(  # noqa: S310 - the address is this module's own, or a test's
            self.url, json.dumps({"queries": queries}).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            results: list[dict[str, Any]] = json.load(answer)["results"]
        if len(results) != len(queries):
            raise ValueError(f"{len(queries)} questions, {len(results)} answers")
        return results


@dataclass(frozen=True)
class Grype:
    """Anchore's scanner with the database that it keeps up to date itself, where it is on PATH."""

    def look(self, bill: Path) -> Finding:
        """Run it; it refuses to work with a database that is missing or older than five days."""
        if found("grype") is None:
            return Finding("grype", {}, "it is not on PATH")
        if not read_bill(bill):
            return Finding("grype", {}, f"{bill.name} names no package")
        result = Command(["grype", f"sbom:{bill}", "--output", "json"], "", GRYPE_SECONDS).outcome()
        try:
            if result.returncode != 0:
                raise ValueError(f"exit code {result.returncode}: {result.stderr.strip().rpartition(chr(10))[2]}")
            return Finding("grype", _matches(json.loads(result.stdout)))
        except (ValueError, KeyError, TypeError) as error:
            return Finding("grype", {}, str(error))


def _query(package: Package) -> dict[str, Any]:
    name = package.source.replace("/", ":") if package.kind == "maven" else package.source
    version = package.source_version.removeprefix("v") if package.kind == "golang" else package.source_version
    return {"package": {"name": name, "ecosystem": ECOSYSTEMS[package.kind]}, "version": version}


def _matches(report: Any) -> dict[str, tuple[str, ...]]:
    ids: dict[str, set[str]] = {}
    for match in report["matches"]:
        artifact = match["artifact"]
        ids.setdefault(f"{artifact['name']} {artifact['version']}", set()).add(match["vulnerability"]["id"])
    return {package: tuple(sorted(those)) for package, those in ids.items()}
