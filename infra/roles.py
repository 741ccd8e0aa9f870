"""What parts the services of a stack play in it, told from the facts of their classes."""

from collections.abc import Sequence
from typing import ClassVar, Protocol

from infra.hot_reload import Source
from stacks.settings import StackSettings


class Facts(Protocol):
    """What is to be known of a service's class before any of it is made."""

    name: ClassVar[str]
    image_folder: ClassVar[str]
    minimum_memory_mb: ClassVar[int]
    optional: ClassVar[bool]
    publishes: ClassVar[bool]
    behind_edge: ClassVar[bool]
    job_runs_beside: ClassVar[bool]
    source: ClassVar[Source | None]


def chosen(services: Sequence[type[Facts]], settings: StackSettings) -> list[type[Facts]]:
    """Those of the services that a stack runs."""
    return [service for service in services if service.name in settings.services]


def entrance(services: Sequence[type[Facts]]) -> type[Facts]:
    """The service that people come in by: the outermost of those that can be published."""
    return [service for service in services if service.publishes][-1]


def start_first(services: Sequence[type[Facts]]) -> list[type[Facts]]:
    """The services whose next version starts before the last one stops: with an edge before them, else none."""
    has_edge = not entrance(services).behind_edge
    return [service for service in services if service.behind_edge and has_edge]
