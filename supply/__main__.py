"""`python -m supply <command> [image ...]`: what the images are made of, and what is known of it.

Exit codes: 0 nothing wrong, 1 something found, 2 wrong use or a failure, 3 not checked, because no scanner could ask.
"""

import argparse
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from supply import bill, images, licences
from supply.changelogs import cves_named
from supply.vulnerabilities import Finding, Grype, Osv, Scanner
from toolchain.base_image import BaseImage
from toolchain.command import StepError
from toolchain.machine import checkout
from toolchain.official import OfficialDownloads
from toolchain.report import StepLine, say

BILLS = checkout() / "build" / "sbom"
BEFORE = checkout() / "build" / "sbom.before"
FOUND, FAILED, NOT_CHECKED = 1, 2, 3
SCANNERS: tuple[Scanner, ...] = (Osv(), Grype())


def sbom(wanted: list[str]) -> int:
    """Write a bill of materials of each image into build/sbom."""
    images.write_bills(images.names(wanted), BILLS)
    return 0


def list_licences(wanted: list[str]) -> int:
    """Print the licences in the bills."""
    for name, file in _bills(wanted):
        say(name, *licences.report(bill.read(file)))
    return 0


def scan(wanted: list[str]) -> int:
    """Ask scanners about the bills; an image without one is not checked."""
    codes = set()
    for name, file in _bills(wanted):
        findings = [scanner.look(file) for scanner in SCANNERS]
        say(*(f"{name}: {finding}" for finding in findings))
        codes.add(verdict(findings))
    for name in () if wanted else _without_bill(images.names()):
        say(f"{name}: not checked: {BILLS} has no bill of it; `make sbom IMAGES={name}` writes one")
        codes.add(NOT_CHECKED)
    return FOUND if FOUND in codes else max(codes)


def verdict(findings: list[Finding]) -> int:
    """The exit code for one image: that nobody found anything counts only where somebody has looked."""
    if any(finding.advisories for finding in findings):
        return FOUND
    return NOT_CHECKED if all(finding.not_checked for finding in findings) else 0


def changes(wanted: list[str]) -> int:
    """Print what changed from build/sbom.before to build/sbom, and the CVEs that the changelogs name for it."""
    before = bill.files(BEFORE)
    pairs = [(name, before[name], file) for name, file in _bills(wanted) if name in before]
    found = {name: bill.changes(bill.read(old), bill.read(new)) for name, old, new in pairs}
    named = cves_named({change for those in found.values() for change in those})
    for name, those in found.items():
        say(f"{name}: {len(those)} packages changed" if those else f"{name}: the same packages")
        for change in those:
            told = named.get(change)
            cves = "" if told is None else ", ".join(told.cves or ()) or told.why or "no CVE named"
            say(f"  {change}{': ' if cves else ''}{cves}")
    every = sorted({cve for told in named.values() for cve in told.cves or ()})
    say(f"CVEs that the changelogs name: {len(every)}")
    return 0


def refresh(wanted: list[str]) -> int:
    """Fetch or make the base image anew, build every image on it, and print what changed."""
    chosen = images.names(wanted)
    shutil.rmtree(BEFORE, ignore_errors=True)
    images.write_bills(chosen, BEFORE)
    base = BaseImage(OfficialDownloads())
    with StepLine(base.name) as line:
        line.done(base.install(line.say))
    images.write_bills(chosen, BILLS, anew=True)
    code = changes(wanted)
    say("The next `pulumi up` or `research deploy` takes these images.")
    return code


def twice(wanted: list[str]) -> int:
    """Build images two times without what earlier builds left, and compare what they are made of."""
    chosen = images.names(wanted)
    again = BILLS.with_name("sbom.again")
    images.write_bills(chosen, BILLS, anew=True)
    images.write_bills(chosen, again, anew=True)
    pairs = {name: (bill.read(BILLS / file.name), bill.read(file)) for name, file in bill.files(again).items()}
    shutil.rmtree(again)
    different = {name: bill.changes(*pair) for name, pair in pairs.items()}
    for name, (packages, _) in pairs.items():
        those = ", ".join(str(change) for change in different[name])
        say(f"{name}: {those or f'{len(packages)} packages, the same both times'}")
    return FOUND if any(different.values()) else 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "sbom": sbom,
    "licences": list_licences,
    "scan": scan,
    "changes": changes,
    "refresh": refresh,
    "twice": twice,
}


def _without_bill(names: list[str]) -> list[str]:
    return sorted(set(names) - bill.files(BILLS).keys())


def _bills(wanted: list[str]) -> Iterator[tuple[str, Path]]:
    files = bill.files(BILLS)
    if missing := _without_bill(images.names(wanted)) if wanted or not files else []:
        raise StepError(f"{BILLS} has no bill of {', '.join(missing)}: type `make sbom` first")
    yield from ((name, file) for name, file in files.items() if not wanted or name in wanted)


def main() -> int:
    """Run a command and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m supply", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.__doc__).add_argument("image", nargs="*", help="all without any")
    chosen = parser.parse_args()
    try:
        return COMMANDS[chosen.command](chosen.image)
    except (StepError, ValueError) as failure:
        sys.stderr.write(f"error: {failure}\n")
        return FAILED


if __name__ == "__main__":
    sys.exit(main())
