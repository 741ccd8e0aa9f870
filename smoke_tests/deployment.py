"""A stack that is up, on the engine that runs it."""

import os
import ssl
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import docker
from docker.errors import DockerException, NotFound
from docker.models.containers import Container
from docker.models.images import Image

from smoke_tests import stack
from smoke_tests.container_files import files
from smoke_tests.guest import Guest, invite
from smoke_tests.stack import NotUpError
from stacks.engine_address import told
from stacks.outputs import ServiceOutputs, StackOutputs

PORTS = {"http": 80, "https": 443}
"""Those that an address need not name."""


@dataclass(frozen=True)
class Deployment:
    """What is promised (`outputs`) and what is there (`engine`)."""

    stack: str
    outputs: StackOutputs = field(repr=False)
    engine: docker.DockerClient = field(repr=False)

    @classmethod
    def find(cls, name: str | None) -> "Deployment":
        """The stack of this name, else the selected one. Raises NotUpError unless all of it is on the engine."""
        name = name or stack.selected_stack()
        deployment = cls(name, stack.outputs(name), _engine())
        missing = [service for service in deployment.outputs.services if not deployment.has(service)]
        if missing:
            raise NotUpError(
                f"stack {name} has no {', '.join(missing)} on the Docker engine at {told(os.environ)}: "
                f"type `pulumi up --refresh --stack {name}`, or point DOCKER_HOST to the engine that runs it"
            )
        return deployment

    def has(self, service: str) -> bool:
        """Whether the service's container exists on this engine."""
        try:
            self.container(service)
        except NotFound:
            return False
        return True

    def container(self, service: str) -> Container:
        """The service's container as it is now."""
        return self.engine.containers.get(self.outputs.services[service].container)

    def image(self, service: str) -> Image:
        """The image that the service's container is made of."""
        return self.engine.images.get(self.container(service).attrs["Image"])

    def all_containers(self) -> list[Container]:
        """All containers of the stack, jobs and carriers of files among them: those labelled as its services are."""
        labels = [set(self.container(service).labels.items()) for service in self.outputs.services]
        common = [f"{key}={value}" for key, value in set.intersection(*labels)]
        assert common, "every container must be labelled with its stack"
        return self.engine.containers.list(all=True, filters={"label": common})

    def address_on(self, service: str, network: str) -> str:
        """The service's IP address on one of the networks that Docker knows."""
        return str(self.container(service).attrs["NetworkSettings"]["Networks"][network]["IPAddress"])

    @cached_property
    def stores(self) -> dict[str, ServiceOutputs]:
        """The services that keep data: those that one logs in to."""
        return {name: service for name, service in self.outputs.services.items() if service.login}

    @property
    def outsiders(self) -> list[str]:
        """The services that share no network with a store."""
        return [
            name
            for name, service in self.outputs.services.items()
            if not set(self.store_networks) & set(service.networks.values())
        ]

    def neighbour(self, service: str) -> str:
        """The address of another service that shares a network with this one: of the client, if that does."""
        services = self.outputs.services
        own = set(services[service].networks.values())
        shared = [name for name, one in services.items() if name != service and own & set(one.networks.values())]
        return services[self.outputs.client if self.outputs.client in shared else shared[0]].address

    @cached_property
    def entrance(self) -> str:
        """The service that people come in by: the one that is published at the port of the stack's address."""
        url = urlsplit(self.outputs.url)
        port = url.port or PORTS[url.scheme]
        return next(name for name, one in self.outputs.services.items() if port in _ports(one))

    @property
    def entrance_address(self) -> str:
        """Where the engine's host reaches the stack's address, whatever name it has."""
        url = urlsplit(self.outputs.url)
        published = self.outputs.services[self.entrance].published
        found = next(one for one in published if one.endswith(f":{url.port or PORTS[url.scheme]}"))
        return found.replace("0.0.0.0:", "127.0.0.1:")

    def trusted(self) -> ssl.SSLContext:
        """Whom this machine trusts, and the stack's own CA if it has one."""
        context = ssl.create_default_context()
        if self.outputs.authority:
            (certificate,) = files(self.container(self.entrance), self.outputs.authority).values()
            context.load_verify_locations(cadata=certificate)
        return context

    @property
    def store_networks(self) -> list[str]:
        """The networks, by Docker's names, on which stores answer."""
        return sorted({network for store in self.stores.values() for network in store.networks.values()})

    def invite(self, networks: Sequence[str] = (), **place: Any) -> AbstractContextManager[Guest]:
        """A guest from the client's image on these networks, or where `place` says."""
        client = self.container(self.outputs.client)
        user = self.outputs.services[self.outputs.client].user
        return invite(self.engine, client.attrs["Image"], user, networks, **place)

    def beside(self, service: str) -> AbstractContextManager[Guest]:
        """A guest that sees the network and the processes exactly as the service does."""
        position = f"container:{self.outputs.services[service].container}"
        return self.invite(network_mode=position, pid_mode=position)

    def wait_until_healthy(self, service: str, seconds: float) -> None:
        """Return as soon as Docker calls the service healthy; AssertionError when it does not within `seconds`."""
        deadline = time.monotonic() + seconds
        while (health := self.health(service)) != "healthy":
            assert time.monotonic() < deadline, f"{service} must be healthy again within {seconds:g} s, but is {health}"
            time.sleep(0.1)

    def health(self, service: str) -> str:
        """Docker's word for the service's health: `healthy`, `unhealthy`, `starting`, or `none` without a check."""
        return str(self.container(service).attrs["State"].get("Health", {}).get("Status", "none"))


def _ports(service: ServiceOutputs) -> set[int]:
    return {int(address.rpartition(":")[2]) for address in service.published}


def _engine() -> docker.DockerClient:
    try:
        engine = docker.from_env(timeout=60)
        engine.ping()
    except DockerException as error:
        reason = str(error).splitlines()[0]
        raise NotUpError(
            f"no Docker engine answers at {told(os.environ)} ({reason}): start it (`make up` does), or set DOCKER_HOST"
        ) from None
    return engine
