"""What was measured: seconds of deploys, and what visitors found meanwhile."""

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.deploys.visit import Visit


@dataclass(frozen=True)
class Visits:
    """What became of the requests around a deploy."""

    sent: int
    failed: int
    p99_ms: float
    longest_gap_seconds: float

    @classmethod
    def of(cls, visits: Sequence[Visit]) -> "Visits":
        """Count; the latency is that of good answers, the gap is the longest time in which none ended."""
        good = [visit for visit in visits if visit.good]
        last = max((visit.ended for visit in visits), default=0)
        ends = sorted([*(visit.ended for visit in good), last])
        latencies = sorted(visit.latency for visit in good)
        return cls(
            sent=len(visits),
            failed=len(visits) - len(good),
            p99_ms=1000 * latencies[int(len(latencies) * 0.99)] if latencies else float("inf"),
            longest_gap_seconds=max((after - before for before, after in itertools.pairwise(ends)), default=0),
        )


@dataclass
class Timed:
    """One kind of deploy on one side: each time in seconds, and the visits where there were visitors."""

    seconds: list[float] = field(default_factory=list)
    visits: list[Visits] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The middle of the times."""
        return statistics.median(self.seconds)

    @property
    def failed(self) -> int:
        """Failed requests of all times together."""
        return sum(one.failed for one in self.visits)

    @property
    def sent(self) -> int:
        """Requests of all times together."""
        return sum(one.sent for one in self.visits)

    @property
    def p99_ms(self) -> float:
        """The median over the times of the 99th percentile of good answers' latencies."""
        return statistics.median(one.p99_ms for one in self.visits)

    @property
    def gap_seconds(self) -> float:
        """The median over the times of the longest gap between good answers."""
        return statistics.median(one.longest_gap_seconds for one in self.visits)
