"""Every service can do no more than its work needs, by what Docker was told and by what the kernel enforces."""

import inspect
import json

from smoke_tests import fork_storm, processes
from smoke_tests.deployment import Deployment
from smoke_tests.guest import printed_in, python


def test_docker_was_told_to_confine_it(deployment: Deployment, service: str) -> None:
    host = deployment.container(service).attrs["HostConfig"]
    assert host["ReadonlyRootfs"], f"{service} must not be able to change its own files"
    assert host["CapDrop"] == ["ALL"], f"{service} must have no capabilities"
    assert not host["CapAdd"], f"{service} must not get capabilities back"
    assert not host["Privileged"], f"{service} must not be privileged"
    assert "no-new-privileges:true" in (host["SecurityOpt"] or []), f"{service} must not gain privileges"
    assert host["Init"], f"{service} must run under Docker's init, which reaps orphans and passes signals on"


def test_it_sees_no_file_of_the_host_but_what_it_is_there_to_read(deployment: Deployment, service: str) -> None:
    mounts = deployment.container(service).attrs["Mounts"]
    foreign = [mount for mount in mounts if mount["Type"] not in ("volume", "tmpfs")]
    promised = set(deployment.outputs.services[service].host_paths)
    assert {mount["Source"] for mount in foreign} == promised, f"{service} must see no more of the host than promised"
    assert not any(mount["RW"] for mount in foreign), f"{service} must not write what is the host's"


def test_it_runs_as_its_own_numeric_user(deployment: Deployment, service: str) -> None:
    promised = deployment.outputs.services[service].user
    container = deployment.container(service)
    assert container.attrs["Config"]["User"] == promised, f"{service} must run as the user that the stack promises"
    uid, _, gid = promised.partition(":")
    assert uid.isdigit(), f"{service}'s user must be a number: a name means what the image says"
    assert gid.isdigit(), f"{service}'s group must be a number: a name means what the image says"
    if deployment.outputs.services[service].host_paths:
        return  # what it reads is root's: as root without capabilities it is let in, and can do nothing else
    assert int(uid) > 0 < int(gid), f"{service} must not run as root, nor in root's group"
    on_the_host = {row[1] for row in container.top(ps_args="-eo pid,uid,args")["Processes"]}
    assert "0" not in on_the_host, f"no process of {service} may be the host's root"


def test_the_kernel_confines_it(deployment: Deployment, service: str) -> None:
    with deployment.beside(service) as guest:
        found = guest.run(processes)
    assert "/" not in found["writable"], f"{service} must not be able to change its own files"
    assert len(found["processes"]) > 1, f"{service}'s main process must be a child of Docker's init"
    uid, _, gid = deployment.outputs.services[service].user.partition(":")
    for process in found["processes"]:
        name = f"{service}'s process {process['Name']}"
        assert set(process["Uid"].split()) == {uid}, f"{name} must run as {uid}"
        assert set(process["Gid"].split()) == {gid}, f"{name} must run in the group {gid}"
        assert process["NoNewPrivs"] == "1", f"{name} must not gain privileges"
        assert process["Seccomp"] == "2", f"{name} must be under a filter of system calls"
        for capabilities in ("CapPrm", "CapEff", "CapBnd"):
            assert int(process[capabilities], 16) == 0, f"{name} must have no capabilities ({capabilities})"


def test_a_storm_of_processes_is_refused_and_survived(deployment: Deployment) -> None:
    client, most = deployment.outputs.client, deployment.outputs.services[deployment.outputs.client].processes
    before = deployment.container(client).attrs["State"]["StartedAt"]
    storm = python(inspect.getsource(fork_storm))
    started, refusal = json.loads(printed_in(deployment.container(client), *storm))
    assert (refusal, started < most) == ("EAGAIN", True), f"{client} was let start {started} processes ({refusal})"
    deployment.wait_until_healthy(client, seconds=10)
    assert deployment.container(client).attrs["State"]["StartedAt"] == before, f"{client} must live through it"
