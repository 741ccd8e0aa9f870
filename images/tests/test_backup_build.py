"""Building the image of backups: its unit tests and its types, against the packages that it runs with."""

import pytest

from images.tests.engine import build

pytestmark = pytest.mark.docker


def test_units_and_types_are_right_against_the_locked_packages() -> None:
    assert build("backup", "--target", "tests")
