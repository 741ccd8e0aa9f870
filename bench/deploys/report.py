"""The findings of both sides as a table in Markdown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.deploys.measured import Timed
from bench.deploys.trial import Findings, Row
from bench.report import table

NOT_COMPARABLE = (
    "Only one stack is up at a time; both sides take turns on the same machine, with the same images, limits, "
    "health checks, commands and volumes, and images that are built already.",
    "`docker compose up` runs a job that has ended, the migration, at every deploy; `pulumi up` runs it when its "
    'image, inputs or last result ask for it. "The job left out" is compose with `--no-deps` and the services named.',
    "Compose mounts secrets from files of the host; ours are copied into volumes, by a container for each. Ours also "
    "keeps a state with history, asks the host whether the stack fits, and refuses strangers' containers.",
    "Visitors come through what each publishes: compose nginx, ours the edge, where the stack has one.",
    "A request fails when the connection breaks or the answer is not the one expected; none is sent again. The latency "
    "is that of good answers, less what an upload is to take.",
)


@dataclass(frozen=True)
class Report:
    """What both sides took; `setting` says where, and which versions of them."""

    ours: Findings
    compose: Findings
    setting: str

    def markdown(self) -> str:
        """The report."""
        return "\n".join([*self._head(), *self._times(), *self._visits(), *self._rest(), *self._notes(), ""])

    def ratio(self, row: Row) -> float | None:
        """Our time against compose's, None where one is missing."""
        ours, theirs = self.ours.times.get(row), self.compose.times.get(row)
        return ours.median / theirs.median if ours and theirs else None

    def _head(self) -> Iterator[str]:
        yield "# Deploys, side by side"
        yield ""
        yield f"{self.setting}. Seconds; the median, with the fastest and the slowest."

    def _times(self) -> Iterator[str]:
        rows = [(row, self.ours.times.get(row), self.compose.times.get(row)) for row in Row]
        yield from table(
            ("deploy", "pulumi", "docker compose", "ratio"),
            ((str(row), spread(ours), spread(theirs), self._ratio(row)) for row, ours, theirs in rows),
        )

    def _ratio(self, row: Row) -> str:
        ratio = self.ratio(row)
        return "-" if ratio is None else f"{ratio:.2f}"

    def _visits(self) -> Iterator[str]:
        yield ""
        yield "## Visitors meanwhile"
        rows = [row for row in Row if (timed := self.ours.times.get(row)) and timed.visits]
        yield from table(
            ("what they found", "pulumi", "docker compose"),
            (
                (f"{row}: {name}", told(self.ours.times.get(row)), told(self.compose.times.get(row)))
                for row in rows
                for name, told in VISITS.items()
            ),
        )

    def _rest(self) -> Iterator[str]:
        yield ""
        yield "## After the version that does not start"
        yield ""
        yield f"- pulumi: {self.ours.afterwards or 'not tried'}"
        yield f"- docker compose: {self.compose.afterwards or 'not tried'}"
        yield ""
        yield f"Memory of the edge: {f'{self.ours.edge_mb:.0f} MiB' if self.ours.edge_mb else 'this stack has none'}."

    def _notes(self) -> Iterator[str]:
        yield ""
        yield "## What is and what is not comparable"
        yield ""
        yield from (f"- {note}" for note in NOT_COMPARABLE)


def spread(timed: Timed | None) -> str:
    """The median of some times, and how far they lie apart."""
    if timed is None:
        return "-"
    if len(timed.seconds) == 1:
        return f"{timed.median:.1f}"
    return f"{timed.median:.1f} ({min(timed.seconds):.1f}-{max(timed.seconds):.1f})"


def _of(told: Callable[[Timed], str]) -> Callable[[Timed | None], str]:
    return lambda timed: told(timed) if timed and timed.visits else "-"


VISITS: dict[str, Callable[[Timed | None], str]] = {
    "failed of all requests": _of(lambda timed: f"{timed.failed} of {timed.sent}"),
    "p99 of good answers": _of(lambda timed: f"{timed.p99_ms:.0f} ms"),
    "longest time without a good answer": _of(lambda timed: f"{timed.gap_seconds:.1f} s"),
}
