"""A one-shot job in the image of a service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi
import pulumi_docker as docker

from infra.container import Awaited, Process, files_of, hardened, options
from infra.gate import ExitGate

if TYPE_CHECKING:
    from infra.service import Service
    from infra.stack import Stack

ATTEMPT_LABEL = "pulumi.attempt"


class Job(pulumi.ComponentResource):
    """Runs to its end during `up`, and again when its image or inputs change or when it failed the last time."""

    def __init__(self, owner: Service, name: str, process: Process, *, after: Sequence[Awaited]) -> None:
        super().__init__("market-research:infra:Job", name, None, pulumi.ResourceOptions(parent=owner))
        stack = owner.stack
        files = files_of(owner.body, name, process)
        arguments = hardened(owner.body, process, name=name, files=files)
        attempt = docker.ContainerLabelArgs(label=ATTEMPT_LABEL, value=str(_attempt(stack, name)))
        arguments.labels = [*stack.container_labels(name), attempt]
        arguments.restart = "no"
        arguments.must_run = False
        arguments.attach = True
        arguments.logs = True
        arguments.destroy_grace_seconds = owner.grace_seconds
        container = docker.Container(name, arguments, options(self, files, after))
        self.containers = [container]
        ended = pulumi.Output.all(container.id, container.exit_code)
        gate = ExitGate(stack.engine, name)
        self.ready = container.id if pulumi.runtime.is_dry_run() else ended.apply(lambda end: gate.check(*end))
        self.register_outputs({})


def _attempt(stack: Stack, job: str) -> int:
    """The number of this attempt: a label, so that the provider runs a job again that has failed.

    A job whose container ended badly, or was never started, counts one up; one that ended well keeps its number.
    """
    for container in stack.engine.containers({**stack.identity, "pulumi.service": job}):
        if ATTEMPT_LABEL in container["Labels"]:
            number = int(container["Labels"][ATTEMPT_LABEL])
            ended_well = container["State"] == "exited" and container["Status"].startswith("Exited (0)")
            return number if ended_well else number + 1
    return 1
