"""actionlint on a machine that has none."""

import sys

import pytest

from toolchain.actionlint import ACTIONLINT, Actionlint
from toolchain.tests.conftest import Machine, quiet


def test_it_is_built_and_the_environment_leads_to_it(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.go()
    monkeypatch.setattr(sys, "prefix", str(machine.environment))

    assert Actionlint().present() is None
    Actionlint().install(quiet)
    assert (machine.environment / "bin" / "actionlint").read_text() == "built\n"
    assert Actionlint().present() == ACTIONLINT.version
