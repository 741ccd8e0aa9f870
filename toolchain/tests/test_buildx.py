import pytest

from toolchain.buildx import Buildx
from toolchain.tests.conftest import Machine, quiet


def test_a_buildx_that_works_is_used(machine: Machine) -> None:
    machine.program("docker", 'echo "github.com/docker/buildx v0.20.1 abcdef"')

    assert Buildx().present() == "0.20.1"


def test_a_missing_buildx_is_built_into_the_users_docker_folder(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.program("docker", "exit 1")
    machine.go()
    monkeypatch.setenv("DOCKER_CONFIG", str(machine.root / "docker-config"))

    assert Buildx().present() is None
    Buildx().install(quiet)
    assert (machine.root / "docker-config" / "cli-plugins" / "docker-buildx").read_text() == "built\n"
