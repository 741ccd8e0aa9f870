"""A long-running service: the only place where its container is made."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pulumi
import pulumi_docker as docker
import pulumi_random as random

from infra.container import Awaited, Body, Process, files_of, hardened, held_to_limits, options
from infra.gate import HealthGate
from infra.hot_reload import Source
from infra.lasting_volume import at, lasting_volume
from infra.limits import most_processes
from infra.logins import SLOTS, Logins, times_drawn
from infra.mounted_files import SecretFiles
from infra.network import Network
from infra.stack import Stack

PASSWORD_LENGTH = 32
TMPFS = "rw,noexec,nosuid,nodev"
"""The mount options that every writable folder in memory has."""


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """How Docker tells whether a service works: `command` in its exec form, run every `interval_seconds`.

    A failure within `start_seconds` of the start does not count; the health gate gives up when they are over.
    """

    command: Sequence[str]
    start_seconds: int
    interval_seconds: int = 2
    timeout_seconds: int = 5
    retries: int = 5


class Service(pulumi.ComponentResource):
    """One service of the platform; a subclass states its facts and calls `run` with what it needs.

    `user` is numeric `uid:gid`. `grace_seconds` is how long it may take to stop cleanly; when replaced it is usually
    away for `stops_for_seconds` (on two busy cores, with little data). `tmpfs` maps the only writable folders besides
    `data_path` to their mount options. Below `minimum_memory_mb` (MiB) it is not known to start.
    The stack's client logs in by `client` and keeps the password in the secret file `credential_file`, if it has to.
    What `publishes` can be the way in for people. What stands `behind_edge` may have replicas, and the next version
    starts before the last one stops. With the setting `hot_reload` it runs its `source` from the checkout.
    At `metrics_port` it shows /metrics to the stack's networks.
    """

    name: ClassVar[str]
    image_folder: ClassVar[str]
    port: ClassVar[int]
    user: ClassVar[str]
    health_check: ClassVar[HealthCheck]
    grace_seconds: ClassVar[int]
    stops_for_seconds: ClassVar[int]
    minimum_memory_mb: ClassVar[int]
    tmpfs: ClassVar[Mapping[str, str]] = {"/tmp": f"{TMPFS},size=64m"}  # noqa: S108 - a mount of its own
    data_path: ClassVar[str | None] = None
    credential_file: ClassVar[str] = ""
    optional: ClassVar[bool] = False
    publishes: ClassVar[bool] = False
    behind_edge: ClassVar[bool] = False
    job_runs_beside: ClassVar[bool] = False
    source: ClassVar[Source | None] = None
    metrics_port: ClassVar[int | None] = None

    containers: Sequence[docker.Container]
    ready: pulumi.Output[list[str]]
    client: Logins | None = None

    def __init_subclass__(cls) -> None:
        cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()
        cls.image_folder = cls.__dict__.get("image_folder", cls.name)

    def __init__(self, stack: Stack, networks: Sequence[Network]) -> None:
        kind = f"market-research:services:{type(self).__name__}"
        super().__init__(kind, self.name, None, pulumi.ResourceOptions(parent=stack))
        self.stack = stack
        self.networks = networks
        self.limits = stack.limits[self.name]
        self.data = lasting_volume(self, stack, self.name) if self.data_path else None

    @property
    def body(self) -> Body:
        """What its containers and its jobs have in common."""
        source = self.stack.sources.get(self.name)
        return Body(
            owner=self,
            stack=self.stack,
            image=self.stack.images[self.name],
            user=self.user,
            tmpfs=self.tmpfs,
            limits=self.limits,
            networks=self.networks,
            source=[source.mount(self.name)] if source else [],
        )

    @property
    def public_url(self) -> str:
        """Where people reach it: from this host, or by the address that the stack is bound to."""
        return f"http://{self.stack.settings.reached_address}:{self.limits.port}"

    @property
    def inner_url(self) -> str:
        """Where people's requests arrive, as seen from within the stack."""
        return f"http://{self.address}/"

    @property
    def address(self) -> str:
        """Where other services of the stack reach it."""
        return f"{self.name}:{self.port}"

    @property
    def metrics(self) -> str:
        """Where it shows metrics to the stack's networks, `host:port`; empty where it shows none."""
        return f"{self.name}:{self.metrics_port}" if self.metrics_port else ""

    def logins(self, client: str) -> Logins:
        """What a client logs in to this service with, as the setting `password_generation` has it."""
        generation = self.limits.password_generation
        passwords = {slot: self._password(f"{client}-{slot}", times_drawn(slot, generation)) for slot in SLOTS}
        return Logins(client, passwords, generation)

    def password(self, purpose: str) -> pulumi.Output[str]:
        """A password that nothing holds while it runs: made anew when those are that clients no longer use."""
        return self._password(purpose, self.limits.password_generation // 2)

    def _password(self, purpose: str, drawn: int) -> pulumi.Output[str]:
        generated = random.RandomPassword(
            f"{self.name}-{purpose}",
            length=PASSWORD_LENGTH,
            special=False,
            keepers={"drawn": str(drawn)},
            opts=pulumi.ResourceOptions(parent=self),
        )
        return pulumi.Output.secret(generated.result)

    def run(self, process: Process, *, after: Sequence[Awaited] = ()) -> None:
        """Declare the container, and hold back what comes after it until it is healthy."""
        self._host_paths = sorted(process.host_paths.values())
        if self.data and self.data_path:
            process = replace(process, volumes=[at(self.data_path, self.data), *process.volumes])
        files = files_of(self.body, self.name, process)
        arguments = hardened(self.body, process, name=self.name, files=files)
        arguments.healthcheck = self._docker_health_check()
        arguments.restart = "unless-stopped"
        arguments.must_run = True
        arguments.wait = False
        arguments.destroy_grace_seconds = self.grace_seconds
        arguments.stop_timeout = self.grace_seconds
        arguments.ports = self._published_ports()
        how = options(self, files, after, start_first=self.stack.starts_first(type(self)))
        numbers = range(1, self.limits.replicas + 1)
        self.containers = [docker.Container(_replica(self.name, number), arguments, how) for number in numbers]
        self.ready = pulumi.Output.all(*(self._once_healthy(container) for container in self.containers))
        self.register_outputs({})

    @property
    def outputs(self) -> dict[str, Any]:
        """What stacks/outputs.py promises of a service, known once it is healthy."""
        return {
            "containers": self.ready,
            "address": self.address,
            "user": self.user,
            "cpus": self.limits.cpus,
            "memory_mb": self.limits.memory_mb,
            "processes": most_processes(self.limits),
            "published": [f"{self.published_on}:{port}" for _, port in sorted(self.published.items())],
            "host_paths": self._host_paths,
            "networks": {network.name: network.docker_name for network in self.networks},
            "login": self.client.used.name if self.client else "",
            "password_file": f"{SecretFiles.folder}/{self.credential_file}" if self.client else "",
        }

    def _once_healthy(self, container: docker.Container) -> pulumi.Output[str]:
        if pulumi.runtime.is_dry_run():
            return container.id
        limited = held_to_limits(self.body, container)
        check = self.health_check
        settle_seconds = check.interval_seconds + check.timeout_seconds + 1
        return limited.apply(HealthGate(self.stack.engine, self.name, check.start_seconds, settle_seconds).wait)

    def _docker_health_check(self) -> docker.ContainerHealthcheckArgs:
        check = self.health_check
        return docker.ContainerHealthcheckArgs(
            tests=list(check.command),
            interval=f"{check.interval_seconds}s",
            timeout=f"{check.timeout_seconds}s",
            start_period=_duration(check.start_seconds),
            retries=check.retries,
        )

    def _published_ports(self) -> list[docker.ContainerPortArgs] | None:
        return [
            docker.ContainerPortArgs(internal=internal, external=external, ip=self.published_on)
            for internal, external in sorted(self.published.items())
        ] or None

    @property
    def published_on(self) -> str:
        """The host's address that its published ports listen on."""
        return str(self.stack.settings.bind_address)

    @property
    def published(self) -> Mapping[int, int]:
        """Which of its ports can be reached by which of the host's."""
        return {self.port: self.limits.port} if self.limits.port else {}


def _replica(name: str, number: int) -> str:
    """The first keeps the service's name, so that a second one beside it replaces nothing."""
    return name if number == 1 else f"{name}-{number}"


def _duration(seconds: int) -> str:
    """A duration as Go prints it, which is how the provider reads it back."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
