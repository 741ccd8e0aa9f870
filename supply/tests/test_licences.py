"""Copyleft is recognised however a package spells it, and nothing else is."""

import pytest

from supply.bill import Package
from supply.licences import copyleft, report

COPYLEFT = (
    "GPL-2.0-or-later",
    "GPLv3",
    "GPLv2+",
    "GPL2",
    "LGPLv2.1+",
    "AGPLv3",
    "MPL2",
    "MPL-2.0",
    "GNU General Public License v2",
    "GNU Lesser General Public License",
    "GNU Affero General Public License v3",
    "Mozilla Public License 2.0 (MPL 2.0)",
    "Eclipse Public License - Version 1.0",
    "EPL-2.0 OR Apache-2.0",
    "Common Development and Distribution License 1.1",
    "http://www.gnu.org/licenses/gpl-3.0.html",
    "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC-BY-SA-4.0",
    "public-domain and GPL_3",
)
OTHERS = (
    "Apache-2.0",
    "BSD-3-Clause",
    "Eclipse Distribution License - v 1.0",
    "MIT",
    "PostgreSQL",
    "Oslo",
    "CC-BY-4.0",
)


def package(licence: str) -> Package:
    return Package("deb", "name", "1", "name", "1", (licence,))


@pytest.mark.parametrize("licence", COPYLEFT)
def test_copyleft_is_told_with_its_package(licence: str):
    assert copyleft(package(licence)) == (licence,)
    assert next(report([package(licence)])) == f"  copyleft  name 1: {licence}"


@pytest.mark.parametrize("licence", OTHERS)
def test_the_others_are_counted(licence: str):
    assert copyleft(package(licence)) == ()
    assert list(report([package(licence)])) == [f"  others    {licence} (1)"]
