"""Whether a stack may come up: everything that can be refused before anything is touched."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Protocol

from infra.engine import Host
from stacks.settings import ServiceSettings, StackSettings


class Facts(Protocol):
    """What admission needs to know of a service's class."""

    name: ClassVar[str]
    minimum_memory_mb: ClassVar[int]
    publishes: ClassVar[bool]
    job_runs_beside: ClassVar[bool]


def limit_problems(settings: StackSettings, services: Sequence[type[Facts]], file: str) -> Iterator[str]:
    """What is wrong with the limits by themselves, a sentence each."""
    known = {service.name: service for service in services}
    for name in settings.services.keys() - known.keys():
        yield f"{file}: services.{name}: no such service; there are {', '.join(known)}"
    for name, service in known.items():
        path = f"{file}: services.{name}"
        chosen = settings.services.get(name)
        if chosen is None:
            yield f"{path}: missing; give it at least cpus and memory_mb"
        elif chosen.memory_mb < service.minimum_memory_mb:
            yield (
                f"{path}.memory_mb: {chosen.memory_mb} is too little for it to start; "
                f"it needs at least {service.minimum_memory_mb}"
            )
        elif service.publishes != (chosen.port is not None):
            yield f"{path}.port: " + ("missing; the host port to publish" if service.publishes else "it publishes none")


def host_problems(settings: StackSettings, services: Sequence[type[Facts]], host: Host, file: str) -> Iterator[str]:
    """What does not fit on the engine's host, a sentence each."""
    limits = settings.services
    own = sum(limit.memory_mb for limit in limits.values())
    surge = max((limits[service.name].memory_mb for service in services if service.job_runs_beside), default=0)
    left = host.memory_mb - host.promised_mb
    if own + surge > left:
        yield (
            f"{file}: services need {own} MB of memory and {surge} MB more during a deploy, but of the host's "
            f"{host.memory_mb} MB other containers may use {host.promised_mb} MB: {left} MB are left. "
            "Lower the limits, stop other stacks, or choose a larger host"
        )
    if host.free_disk_gb is not None and host.free_disk_gb < settings.free_disk_gb:
        yield (
            f"{file}: free_disk_gb asks for {settings.free_disk_gb:g} GB, but the engine's disk has "
            f"{host.free_disk_gb:.1f} GB free. Free some (`docker image prune`, `docker builder prune` touch no data) "
            "or lower it"
        )
    for name, limit in limits.items():
        if limit.port is not None and limit.port in host.ports:
            yield (
                f"{file}: services.{name}.port: {limit.port} is taken by {host.ports[limit.port]}. "
                "Stop that, or choose another port"
            )


def capped(limits: Mapping[str, ServiceSettings], host: Host) -> tuple[dict[str, ServiceSettings], list[str]]:
    """The limits with no more cores than the host has, and a warning for each that was cut.

    Cores are compressible, and Docker refuses a limit above what there is.
    """
    warnings = [
        f"services.{name}.cpus: {limit.cpus:g} is more than the host has; it gets {host.cpus}"
        for name, limit in limits.items()
        if limit.cpus > host.cpus
    ]
    fitting = {name: limit.model_copy(update={"cpus": min(limit.cpus, host.cpus)}) for name, limit in limits.items()}
    return fitting, warnings
