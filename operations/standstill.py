"""Services that stand still while their data is replaced, and go on whatever happens."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from docker.errors import APIError
from rich.console import Console

from infra.services.edge import Edge
from operations.exit_codes import ExitCode, OperationError
from operations.keeper import STOP_SECONDS, Keeper
from operations.maintenance import Switch, switch_page
from operations.running_stack import Replica, RunningStack
from operations.status import health

HEALTHY_WITHIN_SECONDS = 300
MARK = "stopped.json"
"""Where it is written down who stands still, so that `research restore --resume` can end that for a killed one."""
RESTORES = ("restore-", "recover-")
"""With which the names of jobs begin that replace data."""
DOWN = ("exited", "created", "dead")


class Standstill:
    """Who of a stack stands still at the moment."""

    def __init__(self, stack: RunningStack, keeper: Keeper, out: Console) -> None:
        self._stack = stack
        self._keeper = keeper
        self._out = out
        self._services: list[str] = []

    @contextmanager
    def of(self, service: str) -> Iterator[None]:
        """Stop a service, one that ends again and again, too, and start all of it after the block."""
        self._services.append(service)
        self._note()
        try:
            for one in self._replicas(service):
                if one.state not in DOWN:
                    self._stack.engine.client.api.stop(one.id, timeout=_grace(one))
            yield
        finally:
            self._start(service)
            self._services.remove(service)
            self._note()

    @contextmanager
    def page(self) -> Iterator[None]:
        """The maintenance page while the block runs, on a stack that has an edge."""
        if not self._replicas(Edge.name):
            yield
            return
        switch_page(self._stack, Switch.ON, "Data is being restored")
        try:
            yield
        finally:
            switch_page(self._stack, Switch.OFF)

    def resume(self) -> list[str]:
        """End the standstill that a killed process has left; the services that it was of.

        The scheduler has started meanwhile whom it may.
        """
        note = json.loads(self._keeper.read(MARK) or "{}")
        left: list[str] = [*note.get("containers", []), *note.get("by_hand", [])]
        self._end_restores()
        for service in left:
            self._start(service)
        if left and self._replicas(Edge.name):
            switch_page(self._stack, Switch.OFF)
        self._note()
        return left

    def must_be_healthy(self, service: str) -> None:
        """Wait for a service. Raises OperationError when it does not get healthy."""
        deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
        while sick := [one for one in self._replicas(service) if health(one) != "healthy"]:
            if time.monotonic() > deadline:
                raise OperationError(
                    ExitCode.BROKEN,
                    f"{service} is {health(sick[0])} after its start: `research logs {service} -s {self._stack.name}`",
                )
            time.sleep(1)

    def _end_restores(self) -> None:
        """Stop the jobs that a killed process has left at work on the data of whom is to be started."""
        for one in self._stack.containers():
            if one.is_job and one.state == "running" and one.service.startswith(RESTORES):
                self._out.print(f"{one.name} is still at work, and is stopped")
                self._stack.engine.client.api.stop(one.id, timeout=STOP_SECONDS)

    def _start(self, service: str) -> None:
        for one in self._replicas(service):
            try:
                self._stack.engine.client.api.start(one.id)
            except APIError as error:
                self._out.print(f"[red]{one.name} does not start[/]: {error.explanation}", soft_wrap=True)

    def _replicas(self, service: str) -> list[Replica]:
        return [one for one in self._stack.replicas() if one.service == service]

    def _note(self) -> None:
        if not self._services:
            self._keeper.remove(MARK)
            return
        since = datetime.now(UTC).isoformat(timespec="seconds")
        mark = {"containers": self._services, "why": "a restore", "since": since}
        self._keeper.put(MARK, json.dumps(mark))


def _grace(replica: Replica) -> int:
    return int(replica.facts["Config"].get("StopTimeout") or 30)
