"""What every container of the stack has in common: limits, hardening, log rotation, networks, secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import pulumi
import pulumi_docker as docker

from infra.limits import most_processes
from infra.mounted_files import ConfigurationFiles, MountedFiles, SecretFiles

if TYPE_CHECKING:
    from infra.network import Network
    from infra.stack import Stack
    from stacks.settings import ServiceSettings

NOT_APPLIED_IN_PLACE = ["tmpfs", "init", "healthcheck", "cpus"]
"""The provider records an update of these without telling the running container."""
LABELS_IN_LOGS = ("pulumi.project", "pulumi.stack", "pulumi.service")
"""Docker writes them into each line of its log files, so that whoever reads those knows whose line it is."""


@dataclass(frozen=True, kw_only=True)
class Process:
    """What runs in a container: command line, environment (no secrets), secret and configuration files by name.

    `host_paths` are what it sees of the engine's host, read-only, by where it sees it; `volumes` are what it
    finds besides. One that `follows_files` takes over other contents while it runs, and is not replaced for them.
    """

    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    configuration: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    host_paths: Mapping[str, str] = field(default_factory=dict)
    volumes: Sequence[docker.ContainerVolumeArgs] = ()
    shm_mb: int | None = None
    follows_files: bool = False


@dataclass(frozen=True, kw_only=True)
class Body:
    """What the containers of an `owner` have in common: of what image, as whom, with which limits, where they reach.

    `user` is numeric `uid:gid`, `tmpfs` maps writable folders in memory to their mount options. With hot reload they
    see the `source`.
    """

    owner: pulumi.ComponentResource
    stack: Stack
    image: pulumi.Input[str]
    user: str
    tmpfs: Mapping[str, str]
    limits: ServiceSettings
    networks: Sequence[Network]
    source: Sequence[docker.ContainerMountArgs] = ()


class Awaited(Protocol):
    """Something that others come after: its containers, and when they may (IDs known only then)."""

    @property
    def containers(self) -> Sequence[docker.Container]:
        """In the order of their numbers."""

    @property
    def ready(self) -> pulumi.Output[Any]:
        """Known when it may be used."""


def files_of(body: Body, name: str, process: Process) -> list[MountedFiles]:
    """What a process finds as files, where there are any."""
    kinds: list[tuple[type[MountedFiles], Mapping[str, pulumi.Input[str]]]] = [
        (SecretFiles, process.secrets),
        (ConfigurationFiles, process.configuration),
    ]
    return [kind(body, name, files, in_place=process.follows_files) for kind, files in kinds if files]


def hardened(body: Body, process: Process, *, name: str, files: Sequence[MountedFiles]) -> docker.ContainerArgs:
    """The arguments of a container that can do no more than its work needs."""
    limits = body.limits
    of_host = [
        docker.ContainerMountArgs(type="bind", source=path, target=target, read_only=True)
        for target, path in sorted(process.host_paths.items())
    ]
    return docker.ContainerArgs(
        image=body.image,
        command=list(process.command) or None,
        envs=[f"{key}={value}" for key, value in sorted(process.environment.items())],
        labels=body.stack.container_labels(name),
        user=body.user,
        read_only=True,
        tmpfs=dict(body.tmpfs),
        init=True,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=["no-new-privileges:true"],
        cpus=f"{limits.cpus:g}",
        memory=limits.memory_mb,
        memory_swap=limits.memory_mb,
        shm_size=process.shm_mb,
        log_driver="json-file",
        log_opts={"max-size": "10m", "max-file": "3", "labels": ",".join(LABELS_IN_LOGS)},
        network_mode=None if body.networks else "none",
        networks_advanced=[
            docker.ContainerNetworksAdvancedArgs(name=network.docker_name, aliases=[name]) for network in body.networks
        ]
        or None,
        volumes=[*(one.mount for one in files), *process.volumes],
        mounts=[*of_host, *body.source] or None,
    )


def options(
    parent: pulumi.Resource, files: Sequence[MountedFiles], after: Sequence[Awaited], *, start_first: bool = False
) -> pulumi.ResourceOptions:
    """How a container is replaced: once what it needs is ready; its predecessor goes first or (`start_first`) last."""
    helpers = [one.helper for one in files]
    return pulumi.ResourceOptions(
        parent=parent,
        depends_on=_once_ready(after, helpers),
        delete_before_replace=not start_first,
        replace_on_changes=NOT_APPLIED_IN_PLACE,
    )


def held_to_limits(body: Body, container: docker.Container) -> pulumi.Output[str]:
    """The container's ID, once the engine holds it to the one limit that the provider does not know."""
    if pulumi.runtime.is_dry_run():
        return container.id
    engine, most = body.stack.engine, most_processes(body.limits)
    return container.id.apply(lambda known: asyncio.to_thread(engine.limit_processes, known, most))


def _once_ready(after: Sequence[Awaited], helpers: list[docker.Container]) -> pulumi.Input[list[pulumi.Resource]]:
    """A dependency without data: with data, replacing a store would replace all that come after it."""
    resources: list[pulumi.Resource] = [*helpers, *(container for one in after for container in one.containers)]
    if pulumi.runtime.is_dry_run():
        return resources
    return pulumi.Output.all(*(one.ready for one in after)).apply(lambda _: resources)
