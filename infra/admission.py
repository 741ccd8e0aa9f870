"""Whether the engine's host has room for a stack: refused before anything is touched."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import IPv4Address
from typing import Any

from infra.engine import Host, container_name, published
from infra.ownership import STORE_AWAY_LABEL
from infra.roles import Facts, start_first
from stacks.backup import graph_job_memory_mb, redis_job_memory_mb
from stacks.monitoring import LOOPBACK
from stacks.settings import StackSettings

DASHBOARDS_KEY = "monitoring.port"


def wanted_ports(settings: StackSettings) -> dict[str, int]:
    """The host's ports that the stack is to listen on, by the keys that choose them."""
    ports = {f"services.{name}.port": limit.port for name, limit in settings.services.items() if limit.port}
    if settings.edge and settings.edge.https_port:
        ports["edge.https_port"] = settings.edge.https_port
    if settings.monitoring:
        ports[DASHBOARDS_KEY] = settings.monitoring.port
    return ports


def listening_at(settings: StackSettings) -> dict[int, IPv4Address]:
    """The addresses of the host at which the stack is to listen, by port."""
    addresses = {DASHBOARDS_KEY: LOOPBACK}
    return {port: addresses.get(key, settings.bind_address) for key, port in wanted_ports(settings).items()}


def port_problems(settings: StackSettings, file: str) -> Iterator[str]:
    """Ports that two keys of a stack choose, a sentence each."""
    seen: dict[int, str] = {}
    for key, port in wanted_ports(settings).items():
        first = seen.setdefault(port, key)
        if first != key:
            yield f"{file}: {key}: {port} is {first} already; each needs a port of its own"


def host_problems(settings: StackSettings, services: Sequence[type[Facts]], host: Host, file: str) -> Iterator[str]:
    """What does not fit on the engine's host, a sentence each."""
    own = sum(limit.memory_mb * limit.replicas for limit in settings.services.values())
    surge = max(deploy_surge_mb(settings, services), backup_job_mb(settings))
    left = host.memory_mb - host.promised_mb
    if own + surge > left:
        during = "a deploy or a backup" if settings.backup else "a deploy"
        yield (
            f"{file}: services need {own} MB of memory and {surge} MB more during {during}, but of the host's "
            f"{host.memory_mb} MB other containers may use {host.promised_mb} MB: {left} MB are left. "
            "Lower the limits, stop other stacks, or choose a larger host"
        )
    if host.free_disk_gb is not None and host.free_disk_gb < settings.free_disk_gb:
        yield (
            f"{file}: free_disk_gb asks for {settings.free_disk_gb:g} GB, but the engine's disk has "
            f"{host.free_disk_gb:.1f} GB free. Free some (`docker image prune`, `docker builder prune` touch no data) "
            "or lower it"
        )
    for key, port in wanted_ports(settings).items():
        if port in host.ports:
            yield f"{file}: {key}: {port} is taken by {host.ports[port]}. Stop that, or choose another port"


def deploy_surge_mb(settings: StackSettings, services: Sequence[type[Facts]]) -> int:
    """MiB that a deploy takes beside the stack: a job, then the versions that start before the last ones stop."""
    limits = settings.services
    job = max((limits[service.name].memory_mb for service in services if service.job_runs_beside), default=0)
    second = [limits[service.name] for service in start_first(services)]
    return max(job, sum(limit.memory_mb * limit.replicas for limit in second))


def backup_job_mb(settings: StackSettings) -> int:
    """MiB that the largest job of a backup takes beside the stack; `research deploy` lets none begin meanwhile."""
    if settings.backup is None:
        return 0
    graph, redis = settings.services.get("neo4j"), settings.services.get("redis")
    of_graph = graph_job_memory_mb(graph.memory_mb) if graph else 0
    return max(of_graph, redis_job_memory_mb(redis.memory_mb) if redis else 0)


def away_problems(running: Iterable[Mapping[str, Any]], file: str) -> Iterator[str]:
    """Jobs that have taken a store away for a while: a deploy would find it stopped, or end them half-way."""
    for container in running:
        if STORE_AWAY_LABEL in container["Labels"]:
            job, name = container["Labels"].get("pulumi.service"), container_name(container)
            yield (
                f"{file}: {job} runs, and its store is away meanwhile. Wait for it (`docker wait {name}`), then type "
                "this again; nothing was changed"
            )


def handover_problems(
    settings: StackSettings, services: Sequence[type[Facts]], running: Iterable[Mapping[str, Any]], file: str
) -> Iterator[str]:
    """Ports that a service which the stack is to lose still holds: it would go only after the new one has started."""
    kept = {service.name for service in services}
    for container in running:
        name = container["Labels"].get("pulumi.service")
        held = [] if name in kept else published(container)
        for key, port in wanted_ports(settings).items():
            if port in held:
                yield (
                    f"{file}: {key}: {port} is held by this stack's {name}, which goes last. Choose another port, or "
                    "take the stack down first: `pulumi destroy`, then `pulumi up`; the data stays"
                )
