"""From created to done: starting a container and waiting for it to run, to end or to be healthy."""

from __future__ import annotations

import time
from dataclasses import dataclass

from docker.api import APIClient
from docker.errors import APIError

from toolchain.providers.engine import reason
from toolchain.providers.failures import ProviderError
from toolchain.providers.resource import Cancelled
from toolchain.providers.schema import Values

_POLL_SECONDS = 0.1
SETTLING_SECONDS = 0.15
_LAST_LINES = 20


@dataclass
class Start:
    """One container on its way up; logs is what an attached job printed, when the inputs ask to keep it."""

    client: APIClient
    identifier: str
    inputs: Values
    cancelled: Cancelled
    logs: str | None = None

    def run(self) -> None:
        """Start the container unless it is only to be created; raise ProviderError when it must run and does not."""
        if not self.inputs.get("start", True):
            return
        try:
            self.client.start(self.identifier)
        except APIError as error:
            raise ProviderError(f"Unable to start container {self.inputs['name']}: {reason(error)}") from error
        if self.inputs.get("mustRun", True) and not self.inputs.get("attach"):
            self._stays_up()

    def wait(self) -> str:
        """Wait for the end of an attached job, or for health; return why it was not reached."""
        if self.inputs.get("attach"):
            return self._ended()
        if self.inputs.get("wait"):
            return self._healthy(self.inputs.get("waitTimeout", 60))
        return ""

    def _stays_up(self) -> None:
        limit = self.inputs.get("containerReadRefreshTimeoutMilliseconds", 15000) / 1000
        settled, deadline = time.monotonic() + SETTLING_SECONDS, time.monotonic() + limit
        while True:
            state = self._state()
            if state["Running"] and time.monotonic() >= settled:
                return
            if not state["Running"] and state["Status"] == "exited":
                raise ProviderError(
                    f"container {self.inputs['name']} exited immediately with code {state['ExitCode']}{self._tail()}"
                )
            if time.monotonic() >= deadline:
                raise ProviderError(
                    f"container {self.inputs['name']} is {state['Status']} after {limit:g} s{self._tail()}"
                )
            time.sleep(_POLL_SECONDS)

    def _ended(self) -> str:
        while self._state()["Running"]:
            if self.cancelled.wait(_POLL_SECONDS):
                return f"cancelled while container {self.inputs['name']} was still running"
        if self.inputs.get("logs"):
            self.logs = self.client.logs(self.identifier, stdout=True, stderr=True).decode(errors="replace")
        return ""

    def _healthy(self, seconds: float) -> str:
        deadline = time.monotonic() + seconds
        while True:
            state = self._state()
            health = state.get("Health") or {}
            if health.get("Status") == "healthy":
                return ""
            if self.cancelled.is_set():
                return f"cancelled while container {self.inputs['name']} was {health.get('Status', state['Status'])}"
            if time.monotonic() >= deadline:
                return f"container failed to be in healthy state within {seconds} s{self._last_check(health)}"
            time.sleep(_POLL_SECONDS)

    def _state(self) -> Values:
        state: Values = self.client.inspect_container(self.identifier)["State"]
        return state

    def _tail(self) -> str:
        lines = self.client.logs(self.identifier, tail=_LAST_LINES).decode(errors="replace").strip()
        return f"; its last lines:\n{lines}" if lines else " and printed nothing"

    def _last_check(self, health: Values) -> str:
        if not health:
            return ": it has no health check"
        checks = health.get("Log") or []
        if not checks:
            return ": no check has finished"
        return f": the last check ended with code {checks[-1]['ExitCode']}: {checks[-1]['Output'].strip()}"
