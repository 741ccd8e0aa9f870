"""Gates that hold `up` back until a container is healthy, or a job has ended well.

The provider's own `wait` names no cause, and after it failed the next `up` may take the broken container for good.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import docker
import pulumi

from infra.engine import Engine, container_name

POLL_SECONDS = 0.25
LOG_LINES = 20
TOO_MANY_RESTARTS = 2


@dataclass(frozen=True)
class HealthGate:
    """Waits up to `seconds` for Docker to call a container healthy.

    Gives up early on one that restarts meanwhile, or is unhealthy for longer than `settle_seconds`: the time of one
    more probe, since the verdict at hand may be that of a moment when a store was being replaced.
    """

    engine: Engine
    service: str
    seconds: float
    settle_seconds: float

    async def wait(self, container_id: str) -> str:
        """The container's ID once it is healthy. Raises RunError with its logs and what still serves."""
        begun = time.monotonic()
        facts = await asyncio.to_thread(self._inspect, container_id)
        restarts_before = facts["RestartCount"]
        while True:
            waited = time.monotonic() - begun
            health = facts["State"].get("Health", {}).get("Status")
            if health == "healthy":
                return container_id
            if facts["RestartCount"] - restarts_before >= TOO_MANY_RESTARTS:
                raise pulumi.RunError(self._report(facts, "it ends again and again"))
            if health == "unhealthy" and waited > self.settle_seconds:
                raise pulumi.RunError(self._report(facts, "its health check fails"))
            if waited > self.seconds:
                raise pulumi.RunError(self._report(facts, f"not healthy after {self.seconds:g} s"))
            await asyncio.sleep(POLL_SECONDS)
            facts = await asyncio.to_thread(self._inspect, container_id)

    def _inspect(self, container_id: str) -> dict[str, Any]:
        try:
            facts: dict[str, Any] = self.engine.client.api.inspect_container(container_id)
        except docker.errors.NotFound:
            raise pulumi.RunError(
                f"{self.service}: its container {container_id[:12]} is gone, although Pulumi's state has it. "
                "Run `pulumi up --refresh`: it notices and makes a new one"
            ) from None
        return facts

    def _report(self, facts: dict[str, Any], reason: str) -> str:
        state = facts["State"]
        probes = state.get("Health", {}).get("Log") or []
        lines = [
            f"{self.service}: {reason} (container {facts['Name'].lstrip('/')}: "
            f"{state['Status']}, {facts['RestartCount']} restarts, last exit code {state['ExitCode']})",
            "last log lines:",
            *_indented(self.engine.last_log_lines(facts["Id"], LOG_LINES)),
            "health log:",
            *_indented(f"exit {probe['ExitCode']}: {probe['Output'].strip()}" for probe in probes[-3:]),
            self._who_serves(facts),
            "Mend the cause and run `pulumi up` again, or take the change back and run it; no data was touched.",
        ]
        return "\n".join(lines)

    def _who_serves(self, facts: dict[str, Any]) -> str:
        labels = facts["Config"]["Labels"]
        same = {key: labels[key] for key in ("pulumi.project", "pulumi.stack", "pulumi.service")}
        running = self.engine.containers(same, running_only=True)
        others = [container_name(one) for one in running if one["Id"] != facts["Id"]]
        return f"still serving: {', '.join(others)}" if others else "nothing else serves in its place"


@dataclass(frozen=True)
class ExitGate:
    """Lets nothing pass until a one-shot job has ended with exit code 0."""

    engine: Engine
    job: str

    def check(self, container_id: str, exit_code: int) -> str:
        """The container's ID if the job ended well. Raises RunError with its log."""
        if exit_code == 0:
            return container_id
        log = "\n".join(_indented(self.engine.last_log_lines(container_id, LOG_LINES)))
        raise pulumi.RunError(
            f"{self.job}: failed with exit code {exit_code}; what depends on it was not touched. Its log ends:\n"
            f"{log}\nMend the cause and run `pulumi up` again: it runs the job again"
        )


def _indented(lines: Any) -> list[str]:
    return [f"  {line}" for line in lines] or ["  (none)"]
