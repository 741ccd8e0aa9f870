from pathlib import Path

import pytest

from toolchain import docker_engine
from toolchain.command import StepError
from toolchain.docker_engine import DockerEngine
from toolchain.tests.conftest import Machine, quiet

ANSWERS_ONCE_STARTED = (
    'if [ -e {root}/started ]; then touch {root}/asked; echo 26.1.5; else echo "Cannot connect" >&2; exit 1; fi'
)


@pytest.fixture
def no_systemd(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_engine, "SYSTEMD", machine.root / "nowhere")


def test_a_running_engine_is_used(machine: Machine) -> None:
    machine.program("docker", "echo 20.10.24")

    assert DockerEngine().present() == "20.10.24, running"


def test_an_engine_elsewhere_that_does_not_answer_is_named(
    debian_root: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://build-host:2375")
    debian_root.program("docker", 'echo "connection refused" >&2; exit 1')

    with pytest.raises(StepError, match=r"tcp://build-host:2375(.|\n)*connection refused"):
        DockerEngine().install(quiet)
    assert debian_root.calls("apt-get") == []


def test_a_user_outside_the_docker_group_is_told_so(machine: Machine) -> None:
    machine.program("docker", 'echo "permission denied while trying to connect" >&2; exit 1')

    with pytest.raises(StepError, match="usermod -aG docker"):
        DockerEngine().install(quiet)


def test_who_may_not_install_packages_is_told_what_to_install(machine: Machine) -> None:
    with pytest.raises(StepError, match=r"the docker command is missing(.|\n)*Install Docker Engine"):
        DockerEngine().install(quiet)


@pytest.mark.usefixtures("no_systemd")
def test_root_on_debian_gets_an_engine_and_it_is_started(debian_root: Machine) -> None:
    docker = ANSWERS_ONCE_STARTED.format(root=debian_root.root)
    debian_root.program("packaged-docker", docker)
    debian_root.program("packaged-dockerd", f"cd {debian_root.root}; touch started; until [ -e asked ]; do :; done")
    debian_root.program(
        "apt-get",
        'if [ "$1" = install ]; then'
        f" cat {debian_root.bin}/packaged-docker >{debian_root.bin}/docker; chmod +x {debian_root.bin}/docker;"
        f" cat {debian_root.bin}/packaged-dockerd >{debian_root.bin}/dockerd; chmod +x {debian_root.bin}/dockerd; fi",
    )

    assert "26.1.5, running, started without a service manager" in DockerEngine().install(quiet)
    assert debian_root.calls("apt-get")[-1].endswith("--no-install-recommends docker.io iptables")


@pytest.mark.usefixtures("no_systemd")
def test_the_docker_command_is_installed_where_it_is_a_package_of_its_own(debian_root: Machine) -> None:
    debian_root.program("apt-cache", 'echo "Candidate: 26.1.5"')
    debian_root.program("apt-get", '[ "$1" = update ] || { echo "held packages"; exit 100; }')

    with pytest.raises(StepError, match=r"held packages(.|\n)*Install docker\.io, iptables, docker-cli by hand"):
        DockerEngine().install(quiet)
    assert debian_root.calls("apt-get")[-1].endswith("docker.io iptables docker-cli")


def test_systemd_starts_an_engine_that_is_installed(debian_root: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_engine, "SYSTEMD", debian_root.root)
    debian_root.program("dockerd")
    debian_root.program("docker", ANSWERS_ONCE_STARTED.format(root=debian_root.root))
    debian_root.program("systemctl", f"touch {debian_root.root}/started")

    assert DockerEngine().install(quiet) == "26.1.5, running"
    assert debian_root.calls("systemctl") == ["systemctl enable --now docker"]
    assert debian_root.calls("dockerd") == debian_root.calls("apt-get") == []


@pytest.mark.usefixtures("no_systemd")
def test_an_engine_that_does_not_start_shows_the_end_of_its_log(debian_root: Machine) -> None:
    debian_root.program("dockerd", 'echo "iptables not found" >&2; exit 1')
    debian_root.program("docker", 'echo "Cannot connect" >&2; exit 1')

    with pytest.raises(StepError, match=r"dockerd\.log:\n +iptables not found"):
        DockerEngine().install(quiet)


def test_the_log_of_the_engine_is_in_the_cache_folder(debian_root: Machine, no_systemd: None) -> None:
    debian_root.program("dockerd", "exit 1")
    debian_root.program("docker", "exit 1")

    with pytest.raises(StepError):
        DockerEngine().install(quiet)
    assert Path(debian_root.cache / "dockerd.log").exists()
