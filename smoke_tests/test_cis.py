"""The CIS Docker Benchmark 1.6, sections 4 and 5, on the stack's containers and images.

`pytest smoke_tests/test_cis.py -v -rs` is the table: what holds, and what is not checked for which reason.
"""

from pathlib import PurePosixPath
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from smoke_tests import cis
from smoke_tests.deployment import Deployment
from smoke_tests.guest import LABEL
from smoke_tests.secret_search import layer_files

CARRY_FILES = ("/run/secrets", "/run/configuration")


def named(check: cis.Check) -> str:
    return f"{check.number} {check.what}"


@pytest.fixture(scope="module")
def containers(deployment: Deployment) -> list[Container]:
    """All that run, or can be started; who only brings files has never been."""
    everything = deployment.all_containers()
    return [
        one for one in everything if not any(m["RW"] and m["Destination"] in CARRY_FILES for m in one.attrs["Mounts"])
    ]


CARELESS: tuple[dict[str, Any], ...] = (
    {
        "user": "0",
        "privileged": True,
        "cap_add": ["SYS_ADMIN"],
        "ports": {"8080/tcp": ("", 22)},
        "volumes": {"/etc": {"bind": "/etc"}, "/var/run/docker.sock": {"bind": "/docker.sock"}},
        "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 10},
        "devices": ["/dev/null"],
        "ulimits": [docker.types.Ulimit(name="nofile", soft=99, hard=99)],
        "security_opt": ["seccomp=unconfined"],
        "cgroup_parent": "careless",
    },
    {"network_mode": "host", "pid_mode": "host", "ipc_mode": "host", "uts_mode": "host", "userns_mode": "host"},
    {"mounts": [docker.types.Mount("/sys", "/sys", type="bind", propagation="shared")]},
)


def test_every_check_finds_a_careless_container(deployment: Deployment) -> None:
    image = deployment.container(deployment.outputs.client).attrs["Image"]
    tags = deployment.engine.images.get(image).tags
    found = set()
    for options in CARELESS:
        made = deployment.engine.containers.create(tags[0], labels={LABEL: ""}, **options)
        try:
            made.reload()
            found |= {check.number for check in cis.OF_CONTAINERS if check.violated(made.attrs)}
        finally:
            made.remove()
    assert found == {check.number for check in cis.OF_CONTAINERS}


@pytest.mark.parametrize("check", cis.OF_CONTAINERS, ids=named)
def test_containers(containers: list[Container], check: cis.Check) -> None:
    found = {one.labels["pulumi.service"] for one in containers if check.violated(one.attrs)}
    allowed = {service for number, service in cis.EXCEPTIONS if number == check.number}
    assert not found - allowed, f"CIS {named(check)}"


@pytest.mark.parametrize("check", cis.OF_SERVICES, ids=named)
def test_services(deployment: Deployment, check: cis.Check) -> None:
    assert not [name for name in deployment.outputs.services if check.violated(deployment.container(name).attrs)]


@pytest.mark.parametrize("module", cis.OF_PROFILES)
def test_profiles(deployment: Deployment, containers: list[Container], module: str) -> None:
    check = cis.OF_PROFILES[module]
    if not any(module in option for option in deployment.engine.info()["SecurityOptions"]):
        pytest.skip(f"{named(check)}: the kernel of the engine's host runs without {module}")
    assert not [one.name for one in containers if check.violated(one.attrs)]


def test_5_7_no_ssh_server_runs_in_a_service(deployment: Deployment, service: str) -> None:
    processes = deployment.container(service).top(ps_args="-eo pid,args")["Processes"]
    assert not [words for _, words in processes if "sshd" in words]


def test_5_9_only_promised_ports_are_published(deployment: Deployment, containers: list[Container]) -> None:
    services = {one: promised.published for one, promised in deployment.outputs.services.items()}
    for one in containers:
        bound = {
            b for bindings in (one.attrs["HostConfig"]["PortBindings"] or {}).values() for b in map(_where, bindings)
        }
        assert bound == {*services.get(one.labels["pulumi.service"], ())}


def _where(binding: dict[str, str]) -> str:
    return f"{binding['HostIp']}:{binding['HostPort']}"


def test_4_7_and_4_9_its_image_adds_nothing_from_elsewhere(deployment: Deployment, service: str) -> None:
    for step in deployment.image(service).history():
        words = step["CreatedBy"].removeprefix("/bin/sh -c #(nop) ").split()
        assert words[:1] != ["ADD"], f"CIS 4.9: {step['CreatedBy']}"
        assert "update" not in words or "install" in words, f"CIS 4.7: {step['CreatedBy']}"


def test_4_3_and_4_8_its_image_has_no_package_manager_and_no_file_that_lends_its_owners_rights(
    deployment: Deployment, service: str
) -> None:
    for _, member, _ in layer_files(deployment.engine, deployment.image(service)):
        assert not member.mode & 0o6000, f"CIS 4.8: {member.name} is setuid or setgid"
        assert PurePosixPath(member.name).name not in cis.PACKAGE_MANAGERS, f"CIS 4.3: {member.name}"


@pytest.mark.parametrize(("number", "reason"), cis.NOT_CHECKED.items())
def test_not_checked(number: str, reason: str) -> None:
    pytest.skip(f"{number} {reason}")
