"""What a load run found, as Markdown."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bench.gauge import Gauge
from bench.plan import RUN, SLOWEST_MS, Kind, Step
from bench.statements import Statement, Statements

QUERY_LENGTH = 160


@dataclass(frozen=True)
class Report:
    """All findings of a run."""

    steps: list[Step]
    statements: Statements
    gauges: Mapping[str, Gauge]
    incidents: Counter[str]
    cores: int

    @property
    def best(self) -> Step:
        """The largest crowd that the stack carried; the first one where it carried none."""
        return next((step for step in reversed(self.steps) if step.steady), self.steps[0])

    @property
    def complaints(self) -> list[str]:
        """What must not be: failures in the first crowd, containers that were killed or started again."""
        failures = self.steps[0].overall.failures
        failed = [f"requests that fail with {self.steps[0].users} users ({failures} times)"] if failures else []
        return failed + [f"{what} ({count} times)" for what, count in sorted(self.incidents.items())]

    def markdown(self) -> str:
        """The report."""
        return "\n".join(
            [*self._crowds(), *self._kinds(), *self._database(), *self._containers(), *self._verdict(), ""]
        )

    def _crowds(self) -> Iterator[str]:
        yield "# Load"
        yield ""
        yield f"Steady means that nothing fails and that 95 of 100 answers come within {SLOWEST_MS} ms."
        yield f"The stack and the users share a machine with {self.cores} cores."
        head = (
            "users",
            "seconds",
            "requests",
            "requests/s",
            "failures",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "steady",
            "run p95 ms",
        )
        yield from table(head, (crowd(step) for step in self.steps))
        yield ""
        yield f"A run is {RUN}; it may wait in line, and does not count among the answers."
        yield ""
        if self.best.steady:
            yield f"The largest steady crowd: {self.best.users} users, {self.best.overall.per_second:.1f} requests/s."
        for step in self.steps:
            for error, times in step.errors.items():
                yield f"- with {step.users} users {times} times: {error}"

    def _kinds(self) -> Iterator[str]:
        yield ""
        yield f"## By kind, {self.best.users} users"
        head = ("request", "requests", "requests/s", "failures", "p50 ms", "p95 ms", "p99 ms")
        yield from table(head, (row(kind) for kind in self.best.kinds))

    def _database(self) -> Iterator[str]:
        yield ""
        yield "## Database"
        yield ""
        yield f"- slowest: {told(self.statements.slowest)}"
        yield f"- most time in all: {told(self.statements.costliest)}"

    def _containers(self) -> Iterator[str]:
        yield ""
        yield "## Containers"
        rows = (
            (
                name,
                *(f"{megabytes:.0f}" for megabytes in (gauge.peak_mb, gauge.final_mb, gauge.limit_mb)),
                *(f"{cores:.2f}" for cores in (gauge.cores, gauge.limit_cores)),
            )
            for name, gauge in self.gauges.items()
        )
        head = ("service", "peak MiB", "final MiB", "limit MiB", "cores on average", "limit of cores")
        yield from table(head, rows)
        yield ""

    def _verdict(self) -> Iterator[str]:
        if not self.complaints:
            yield "No OOM kill, no restart."
        yield from (f"- MUST NOT BE: {complaint}" for complaint in self.complaints)


def crowd(step: Step) -> tuple[str, ...]:
    """A row of a table for a whole step."""
    _, requests, *times = row(step.overall)
    steady, run = "yes" if step.steady else "no", f"{step.run.p95:.0f}" if step.run else "none ended"
    return (str(step.users), f"{step.seconds:g}", requests, *times, steady, run)


def row(kind: Kind) -> tuple[str, ...]:
    """A row of a table for one kind of request."""
    times = (f"{time:.0f}" for time in (kind.p50, kind.p95, kind.p99))
    return (kind.name, str(kind.requests), f"{kind.per_second:.1f}", str(kind.failures), *times)


def told(statement: Statement | None) -> str:
    """A statement on one line, with its times."""
    if statement is None:
        return "none ran"
    query = " ".join(statement.query.split()).replace("`", "'")
    shown = query if len(query) <= QUERY_LENGTH else f"{query[:QUERY_LENGTH]}..."
    return f"{statement.mean_ms:.1f} ms on average of {statement.calls} calls: `{shown}`"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table whose first column is words and whose others are figures."""
    yield ""
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    yield from (f"| {' | '.join(cells)} |" for cells in rows)
