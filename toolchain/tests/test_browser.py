import sys

import pytest

from toolchain.__main__ import PURPOSES, steps
from toolchain.actionlint import Actionlint
from toolchain.browser import Browser
from toolchain.command import StepError
from toolchain.tests.conftest import Machine, quiet

FINDS_ONCE_INSTALLED = (
    '[ -e {root}/installed ] || {{ echo "no browser is installed" >&2; exit 1; }}; echo /found/browser'
)


@pytest.fixture
def smoke_tests(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The smoke tests' own look for a browser, which finds one once something has been installed."""
    python = machine.program("python", FINDS_ONCE_INSTALLED.format(root=machine.root))
    monkeypatch.setattr(sys, "executable", str(python))


@pytest.mark.usefixtures("smoke_tests")
def test_the_browser_that_the_smoke_tests_find_is_used(machine: Machine) -> None:
    (machine.root / "installed").touch()

    assert Browser().present() == "/found/browser"
    assert machine.calls("python") == ["python -m smoke_tests.browser"]


@pytest.mark.usefixtures("smoke_tests")
def test_root_on_debian_gets_chromium_from_apt(debian_root: Machine) -> None:
    debian_root.program("apt-cache", 'echo "Candidate: 156.0"')
    debian_root.program("apt-get", f'[ "$1" = update ] || touch {debian_root.root}/installed')

    assert Browser().present() is None
    assert Browser().install(quiet) == "/found/browser, from apt"
    assert debian_root.calls("apt-get")[-1].endswith("--no-install-recommends chromium")


@pytest.mark.usefixtures("smoke_tests")
def test_where_chromium_is_no_package_one_is_told_what_to_type(debian_root: Machine) -> None:
    with pytest.raises(StepError, match="playwright install --with-deps chromium"):
        Browser().install(quiet)
    assert not any("install" in call for call in debian_root.calls("apt-get"))


@pytest.mark.usefixtures("smoke_tests")
def test_who_may_not_install_packages_is_told_what_to_type(machine: Machine) -> None:
    with pytest.raises(StepError, match="playwright install --with-deps chromium"):
        Browser().install(quiet)


@pytest.mark.usefixtures("smoke_tests")
def test_a_package_that_brings_no_browser_is_not_taken_for_one(debian_root: Machine) -> None:
    debian_root.program("apt-cache", 'echo "Candidate: 156.0"')

    with pytest.raises(StepError, match="still the smoke tests find no browser"):
        Browser().install(quiet)


def test_bringing_a_stack_up_asks_for_no_browser() -> None:
    names = {purpose: [step.name for step in steps(purpose)] for purpose in PURPOSES}
    assert Browser.name not in names["up"]
    assert Browser.name in names["test"]
    assert names["smoke"] == [Browser.name]
    assert names["lint"] == [Actionlint.name]
