"""Every service runs, within its limits, and is reachable from where it should be and nowhere else."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

from smoke_tests.deployment import Deployment

MIB = 1024 * 1024


def test_it_is_healthy_and_has_not_been_restarted(deployment: Deployment, service: str) -> None:
    container = deployment.container(service)
    assert container.status == "running", f"{service} must run, but Docker calls it {container.status}"
    assert deployment.health(service) == "healthy", f"{service} must pass its health check"
    assert container.attrs["RestartCount"] == 0, f"{service} must not crash: see `docker logs {container.name}`"


def test_it_may_use_the_promised_memory_and_no_swap(deployment: Deployment, service: str) -> None:
    promised = deployment.outputs.services[service].memory_mb * MIB
    host = deployment.container(service).attrs["HostConfig"]
    assert host["Memory"] == promised, f"{service} must be limited to the memory that the stack promises"
    assert host["MemorySwap"] == promised, f"{service} must not swap: memory and swap together are its memory limit"


def test_the_kernel_knows_all_limits_of_memory_and_processes(deployment: Deployment) -> None:
    services = deployment.outputs.services
    promised = {name: (service.memory_mb * MIB, service.processes) for name, service in services.items()}
    with ThreadPoolExecutor() as pool:  # the engine takes a second for each
        measured = dict(zip(promised, pool.map(partial(_kernel_limits, deployment), promised), strict=True))
    assert measured == promised, "the kernel must hold every service to the limits that the stack promises"


def test_it_may_use_the_promised_cores(deployment: Deployment, service: str) -> None:
    promised = deployment.outputs.services[service].cpus
    given = deployment.container(service).attrs["HostConfig"]["NanoCpus"] / 10**9
    assert given == promised, f"{service} must be limited to the cores that the stack promises"


def test_it_comes_back_by_itself_but_not_when_it_was_stopped(deployment: Deployment, service: str) -> None:
    policy = deployment.container(service).attrs["HostConfig"]["RestartPolicy"]["Name"]
    assert policy == "unless-stopped", f"{service} must come back after a crash or a reboot, and stay down when stopped"


def test_its_logs_cannot_fill_the_disk(deployment: Deployment, service: str) -> None:
    log = deployment.container(service).attrs["HostConfig"]["LogConfig"]
    assert log["Type"] == "json-file", f"`docker logs` must work for {service}, and rotate"
    assert log["Config"].get("max-size"), f"{service} must start a new log file when one is full"
    assert int(log["Config"].get("max-file", 0)) > 1, f"{service} must keep a bounded number of log files, above one"


def test_it_is_on_its_networks_and_on_no_other(deployment: Deployment, service: str) -> None:
    promised = set(deployment.outputs.services[service].networks.values())
    found = set(deployment.container(service).attrs["NetworkSettings"]["Networks"])
    assert found == promised, f"{service} must be on the networks that the stack promises, and on no other"


def test_only_the_public_address_and_the_dashboards_are_published(deployment: Deployment) -> None:
    services = deployment.outputs.services
    published = {service: _published(deployment, service) for service in services}
    assert published == {service: set(one.published) for service, one in services.items()}
    doors = {service for service, addresses in published.items() if addresses}
    assert doors - {"dashboards"} == {deployment.entrance}, "people come in by one service"
    if deployment.outputs.dashboards:
        wanted = {urlsplit(deployment.outputs.dashboards).netloc}
        assert published["dashboards"] == wanted, "the dashboards ask for no password"


def _published(deployment: Deployment, service: str) -> set[str]:
    """The host's addresses that Docker listens at for a service."""
    ports = deployment.container(service).attrs["NetworkSettings"]["Ports"]
    return {f"{one['HostIp']}:{one['HostPort']}" for bindings in ports.values() for one in bindings or []}


def _kernel_limits(deployment: Deployment, service: str) -> tuple[int, int]:
    """Bytes, and processes and threads, as its control groups have them."""
    container = deployment.outputs.services[service].container
    usage = deployment.engine.api.stats(container, stream=False, one_shot=True)
    return int(usage["memory_stats"]["limit"]), int(usage["pids_stats"].get("limit", 0))
