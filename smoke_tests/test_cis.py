"""The CIS Docker Benchmark 1.6, sections 4 and 5, on the stack's containers and images.

`pytest smoke_tests/test_cis.py -v -rsx` is the table: what holds, who is excepted, what is not checked, and why.
"""

import tarfile
from collections.abc import Callable, Iterator
from typing import Any

import docker
import pytest
from docker.models.containers import Container
from docker.models.images import Image

from smoke_tests import cis
from smoke_tests.deployment import Deployment
from smoke_tests.guest import LABEL
from smoke_tests.imported_image import imported
from smoke_tests.secret_search import layer_members

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


LESS_CARELESS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("4.1", {"user": "00:7"}),
    ("5.6", {"volumes": {"/etc/ssl": {"bind": "/a"}}}),
    ("5.6", {"volumes": {"/var": {"bind": "/a"}}}),
    ("5.14", {"ports": {"8080/tcp": ("0.0.0.0", 1)}}),
    ("5.14", {"ports": {"8080/tcp": ("::", 1)}}),
    ("5.15", {"restart_policy": {"Name": "unless-stopped"}}),
    ("5.15", {"restart_policy": {"Name": "always"}}),
    ("5.15", {"restart_policy": {"Name": "on-failure"}}),
    ("5.32", {"volumes": {"/var/run": {"bind": "/a", "mode": "ro"}}}),
)
CAREFUL: tuple[tuple[str, dict[str, Any]], ...] = (
    ("4.1", {"user": "10:10"}),
    ("5.6", {"volumes": {"/srv": {"bind": "/a"}, "/etc": {"bind": "/b", "mode": "ro"}}}),
    ("5.14", {"ports": {"8080/tcp": ("127.0.0.1", 1)}}),
    ("5.15", {"restart_policy": {"Name": "on-failure", "MaximumRetryCount": 5}}),
    ("5.15", {}),
    ("5.32", {"volumes": {"/var/lib/docker/containers": {"bind": "/a", "mode": "ro"}}}),
)


@pytest.fixture(scope="module")
def against(deployment: Deployment) -> Callable[[dict[str, Any]], set[str]]:
    """The numbers of the checks that find something wrong with a container of these options."""
    tags = deployment.image(deployment.outputs.client).tags

    def found(options: dict[str, Any]) -> set[str]:
        made = deployment.engine.containers.create(tags[0], labels={LABEL: ""}, **options)
        try:
            made.reload()
            return {check.number for check in cis.OF_CONTAINERS if check.violated(made.attrs)}
        finally:
            made.remove(v=True)

    return found


def test_every_check_finds_a_careless_container(against: Callable[[dict[str, Any]], set[str]]) -> None:
    assert set().union(*map(against, CARELESS)) == {check.number for check in cis.OF_CONTAINERS}


@pytest.mark.parametrize(("number", "options"), LESS_CARELESS, ids=[f"{one} {what}" for one, what in LESS_CARELESS])
def test_a_check_finds_what_means_the_same(
    against: Callable[[dict[str, Any]], set[str]], number: str, options: dict[str, Any]
) -> None:
    assert number in against(options)


@pytest.mark.parametrize(("number", "options"), CAREFUL, ids=[f"{one} {what}" for one, what in CAREFUL])
def test_a_check_leaves_a_careful_container_alone(
    against: Callable[[dict[str, Any]], set[str]], number: str, options: dict[str, Any]
) -> None:
    assert number not in against(options)


@pytest.mark.parametrize("check", cis.OF_CONTAINERS, ids=named)
def test_containers(deployment: Deployment, containers: list[Container], check: cis.Check) -> None:
    found = {one.labels["pulumi.service"] for one in containers if check.violated(one.attrs)}
    allowed = [excepted(deployment, whose) for number, whose in cis.EXCEPTIONS if number == check.number]
    assert not found.difference(*allowed), f"CIS {named(check)}"


def excepted(deployment: Deployment, whose: str) -> set[str]:
    """Whom an exception is about."""
    return {*deployment.outputs.services} if whose == cis.EVERY_SERVICE else {whose}


@pytest.mark.parametrize(("number", "whose"), cis.EXCEPTIONS, ids=map(" ".join, cis.EXCEPTIONS))
def test_exceptions(deployment: Deployment, containers: list[Container], number: str, whose: str) -> None:
    check = next(one for one in cis.OF_CONTAINERS if one.number == number)
    theirs = [one for one in containers if one.labels["pulumi.service"] in excepted(deployment, whose)]
    if any(check.violated(one.attrs) for one in theirs):
        pytest.xfail(f"CIS {named(check)}, {whose}: {cis.EXCEPTIONS[number, whose]}")


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
    assert not list(found_in(deployment, deployment.image(service)))


def found_in(deployment: Deployment, image: Image) -> Iterator[str]:
    """What is wrong with the files of an image."""
    for _, member, _ in layer_members(deployment.engine, image):
        yield from (f"CIS {named(check)}: {member.name}" for check in cis.OF_FILES if check.violated(member))


def test_they_are_found_in_a_careless_image(deployment: Deployment) -> None:
    link, lending = tarfile.TarInfo("usr/bin/rpm"), tarfile.TarInfo("usr/bin/su")
    link.type, link.linkname, lending.mode = tarfile.SYMTYPE, "busybox", 0o4755
    with imported(deployment.engine, {link: b"", lending: b""}) as image:
        found = list(found_in(deployment, image))
    assert found == [
        f"CIS {named(check)}: {name}" for check, name in zip(cis.OF_FILES, (link.name, lending.name), strict=True)
    ]


@pytest.mark.parametrize(("number", "reason"), cis.NOT_CHECKED.items())
def test_not_checked(number: str, reason: str) -> None:
    pytest.skip(f"{number} {reason}")
