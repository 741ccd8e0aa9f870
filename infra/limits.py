"""Whether the limits of the services are right by themselves, and what of them the host can give."""

from collections.abc import Iterator, Mapping, Sequence

from infra.admission import port_problems
from infra.engine import Host
from infra.roles import Facts, entrance, start_first
from stacks.settings import BROUGHT, ServiceSettings, StackSettings

LEAST_PROCESSES = 96
MEMORY_PER_PROCESS_MB = 8
_ADD_AN_EDGE = "add services.edge with cpus, memory_mb and the port, which services.frontend then does without"


def limit_problems(settings: StackSettings, services: Sequence[type[Facts]], file: str) -> Iterator[str]:
    """What is wrong with the limits by themselves, a sentence each."""
    known = {service.name: service for service in services}
    for name in settings.services.keys() - known.keys():
        yield f"{file}: services.{name}: no such service; there are {', '.join(known)}"
    for setting, brought in BROUGHT.items():
        for name in brought.keys() & settings.services.keys() if getattr(settings, setting) is None else ():
            yield f"{file}: services.{name}: it is there only with `{setting}: true`; add that, or remove it"
    present = [service for service in services if service.name in settings.services or not service.optional]
    for service in present:
        chosen = settings.services.get(service.name)
        problem = _problem(service, chosen, present) if chosen else ": missing; give it at least cpus and memory_mb"
        if problem:
            yield f"{file}: services.{service.name}{problem}"
    if settings.edge and not start_first(present):
        yield f"{file}: edge: there is none that could be set up; {_ADD_AN_EDGE}"
    yield from port_problems(settings, file)


def _problem(service: type[Facts], chosen: ServiceSettings, present: Sequence[type[Facts]]) -> str:
    way_in = entrance(present)
    if chosen.memory_mb < service.minimum_memory_mb:
        least = service.minimum_memory_mb
        return f".memory_mb: {chosen.memory_mb} is too little for it to start; it needs at least {least}"
    if chosen.replicas > 1 and not service.behind_edge:
        several = " and ".join(one.name for one in present if one.behind_edge)
        return f".replicas: of {service.name} there is one; {several} can be several"
    if chosen.replicas > 1 and service not in start_first(present):
        return f".replicas: several need an edge before them; {_ADD_AN_EDGE}"
    if service is way_in and chosen.port is None:
        return ".port: missing; the host port to publish"
    if service is not way_in and chosen.port is not None:
        return f".port: it publishes none; people come in by services.{way_in.name}.port"
    return ""


def most_processes(limits: ServiceSettings) -> int:
    """How many processes and threads each container may have.

    Those that every program has whatever its size (its runtime's threads, probes, somebody who looks in), and one for
    each 8 MiB: a connection of PostgreSQL takes about that, threads of the JVM and of Python take less.
    """
    return LEAST_PROCESSES + limits.memory_mb // MEMORY_PER_PROCESS_MB


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
