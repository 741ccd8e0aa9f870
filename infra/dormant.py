"""A container that is declared and not started: the scheduler of backups, or somebody who restores, starts it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pulumi
import pulumi_docker as docker

from infra.container import Body, Process, files_of, hardened, held_to_limits, options
from infra.ownership import STORE_AWAY_LABEL

if TYPE_CHECKING:
    from infra.service import Service
    from infra.stack import Stack
    from stacks.settings import ServiceSettings


class Dormant(pulumi.ComponentResource):
    """Does one thing, again and again, in the image and as the user of a service.

    While one runs that takes a `store_away` nothing is deployed.
    """

    def __init__(self, body: Body, name: str, process: Process, *, store_away: bool = False) -> None:
        super().__init__("market-research:infra:Dormant", name, None, pulumi.ResourceOptions(parent=body.owner))
        body = replace(body, owner=self)
        files = files_of(body, name, process)
        arguments = hardened(body, process, name=name, files=files)
        away = [docker.ContainerLabelArgs(label=STORE_AWAY_LABEL, value="true")] if store_away else []
        arguments.labels = [*body.stack.container_labels(name), *away]
        arguments.restart = "no"
        arguments.start = False
        arguments.must_run = False
        arguments.destroy_grace_seconds = 30
        self.name = name
        self.container = docker.Container(name, arguments, options(self, files, []))
        held_to_limits(body, self.container)
        self.register_outputs({})


def of(service: type[Service], stack: Stack, owner: pulumi.ComponentResource, limits: ServiceSettings) -> Body:
    """A body like the service's, without a network."""
    return Body(
        owner=owner,
        stack=stack,
        image=stack.images[service.name],
        user=service.user,
        tmpfs=service.tmpfs,
        limits=limits,
        networks=(),
    )
