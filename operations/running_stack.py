"""A stack as the engine has it: its containers, found by their labels."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import docker
import pulumi

from infra.engine import Engine, container_name
from operations.exit_codes import ExitCode, OperationError
from operations.stack_file import StackFile


@dataclass(frozen=True)
class Replica:
    """One container of a service or of a job, as the engine describes it (`facts`)."""

    service: str
    facts: dict[str, Any]

    @property
    def id(self) -> str:
        """The container's ID."""
        return str(self.facts["Id"])

    @property
    def name(self) -> str:
        """The container's name."""
        return str(self.facts["Name"]).lstrip("/")

    @property
    def state(self) -> str:
        """`running`, `restarting`, `exited`, `created`, `paused`, `removing` or `dead`."""
        return str(self.facts["State"]["Status"])

    @property
    def started(self) -> str:
        """The time of its last start."""
        return str(self.facts["State"]["StartedAt"])

    @property
    def is_job(self) -> bool:
        """Whether it runs once, and is not started again."""
        return self.facts["HostConfig"]["RestartPolicy"]["Name"] in ("", "no")


class RunningStack:
    """The containers of one stack; secret helpers, which never start, are none of them."""

    def __init__(self, file: StackFile, engine: Engine) -> None:
        self.name = file.stack
        self.file = file
        self.engine = engine

    @classmethod
    def find(cls, stack: str) -> "RunningStack":
        """The stack on the engine that DOCKER_HOST names. Raises OperationError when the engine does not answer."""
        return cls(StackFile(stack), connected())

    @property
    def is_up(self) -> bool:
        """Whether anything of the stack is on the engine."""
        return bool(self.engine.containers(self.file.labels))

    def containers(self) -> list[Replica]:
        """Everything that runs or ran for the stack, by service and age. Raises OperationError when that is nothing."""
        listed = self.engine.containers(self.file.labels)
        described = [(one["Labels"].get("pulumi.service", "?"), self._facts(one)) for one in listed]
        found = [Replica(service, facts) for service, facts in described if facts]
        known = [one for one in found if not (one.is_job and one.state == "created")]
        if not known:
            self.file.must_exist()
            raise OperationError(
                ExitCode.NOT_THERE, f"stack {self.name} is not up on this engine: type `make up STACK={self.name}`"
            )
        return sorted(known, key=lambda one: (one.service, one.facts["Created"]))

    def dormant(self, job: str) -> Replica | None:
        """The container of a job that is started when it is needed; None when there is none."""
        jobs = self.engine.containers({**self.file.labels, "pulumi.service": job})
        described = [Replica(job, facts) for one in jobs if (facts := self._facts(one))]
        # Beside it there is the one that holds its secrets, which has no limits of its own.
        return next((one for one in described if one.facts["HostConfig"]["Memory"]), None)

    def replicas(self) -> list[Replica]:
        """The containers of the services."""
        return [one for one in self.containers() if not one.is_job]

    def running(self, service: str, number: int = 1) -> Replica:
        """A running replica of a service, counted from the oldest. Raises OperationError when there is none."""
        replicas = self.replicas()
        of_service = [one for one in replicas if one.service == service]
        if not of_service:
            raise OperationError(
                ExitCode.WRONG_USE, f"stack {self.name} has no service {service}; there are {names(replicas)}"
            )
        up = [one for one in of_service if one.state == "running"]
        if not up:
            raise OperationError(
                ExitCode.NOT_THERE,
                f"{service} does not run ({of_service[0].name} is {of_service[0].state}): "
                f"`research logs {service} -s {self.name}` tells why, `pulumi up --refresh -s {self.name}` mends it",
            )
        if not 1 <= number <= len(up):
            raise OperationError(ExitCode.WRONG_USE, f"--replica {number}: {service} runs {len(up)} of them")
        return up[number - 1]

    def _facts(self, listed: dict[str, Any]) -> dict[str, Any] | None:
        try:
            facts: dict[str, Any] = self.engine.client.api.inspect_container(listed["Id"])
        except docker.errors.NotFound:
            return None
        return {**facts, "Name": facts.get("Name") or container_name(listed)}


def names(replicas: Iterable[Replica]) -> str:
    """The services of these containers, each once."""
    return ", ".join(sorted({one.service for one in replicas}))


def connected() -> Engine:
    """The engine. Raises OperationError when none answers."""
    try:
        return Engine.connect()
    except pulumi.RunError as error:
        raise OperationError(ExitCode.NOT_THERE, _plainly(str(error))) from None


def _plainly(complaint: str) -> str:
    """The complaint with the system's reason alone, which the SDK wraps in those of its layers; the fix below it."""
    what, line_break, fix = complaint.partition("\n")
    reasons = re.findall(r"\[Errno -?\d+\] ([^\"')]+)|Error\(\d+, '([^']+)'", what)
    if not reasons:
        return complaint
    reason = "".join(reasons[-1])
    if reason == "Permission denied":
        fix = "Let your user talk to it (`sudo usermod -aG docker $USER`, then log in again), or set DOCKER_HOST."
    return f"{what.partition(': Error while')[0]}: {reason}{line_break}{fix}"
