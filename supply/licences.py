"""Under which licences an image's packages come, and which of these are copyleft."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from supply.bill import Package

SHORT = r"(?<![A-Z])(A?GPL|LGPL|MPL|EPL|CDDL|EUPL|OSL|SSPL|GFDL|(CC-)?BY-SA)(?![A-UW-Z])"
"""By its initials: nothing but a version may follow at once (GPLv3, MPL2)."""
LONG = (
    "(General|Mozilla|Eclipse|European Union|Server Side) Public|Common Development and Distribution|"
    "Free Documentation|Open Software License|ShareAlike"
)
COPYLEFT = re.compile(f"{SHORT}|{LONG}", re.IGNORECASE)
"""Whoever passes such a program on owes its source, or that of what was changed in it."""


def copyleft(package: Package) -> tuple[str, ...]:
    """The copyleft licences that a package names: of a Debian package, those of any file of its source."""
    return tuple(licence for licence in package.licences if COPYLEFT.search(licence))


def report(packages: Iterable[Package]) -> Iterator[str]:
    """Lines for people: what is copyleft, what names no licence, and how often the others come."""
    packages = list(packages)
    named = [(package, copyleft(package)) for package in packages]
    yield from (f"  copyleft  {package}: {', '.join(those)}" for package, those in named if those)
    yield from (f"  unnamed   {package} ({package.kind})" for package in packages if not package.licences)
    counts = Counter(licence for package, those in named if not those for licence in package.licences)
    yield f"  others    {', '.join(f'{licence} ({count})' for licence, count in counts.most_common()) or 'none'}"
