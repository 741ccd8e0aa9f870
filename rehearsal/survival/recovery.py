"""How a stack comes through a fault: within how many seconds, and what it cost."""

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from rehearsal.survival.faults import Fault
from rehearsal.survival.witnesses import Witnesses

CALM_SECONDS = 3
LONGEST_SECONDS = 240
SLOW_SECONDS = 10
"""What has to be back sooner is judged by its answers alone: the engine looks at its health every two seconds."""


@dataclass(frozen=True)
class Recovery:
    """What a fault led to: seconds until people's answers and everything's health were as before, and the losses.

    `load` is the host's load average before: figures of a host that others keep busy say less.
    """

    fault: Fault
    answers: float
    health: float
    load: float
    sent: int
    bad: Counter[int]
    kept: int
    lost: Counter[str]

    @property
    def missed(self) -> bool:
        """Whether it took too long, something is lost, or somebody noticed who should not have."""
        judged = [self.answers, *([self.health] if self.fault.seconds >= SLOW_SECONDS else [])]
        too_many = any(count > self.fault.may_lose.get(kind, 0) for kind, count in self.lost.items())
        return max(judged) > self.fault.seconds or too_many or (self.fault.unnoticed and bool(self.bad))

    def __str__(self) -> str:
        bad = ", ".join(f"{count} x {status or 'none'}" for status, count in sorted(self.bad.items()))
        lost = ", ".join(f"{count} of {kind}" for kind, count in self.lost.items() if count) or "0"
        target = "nobody notices" if self.fault.unnoticed else f"{self.fault.seconds:g} s"
        verdict = f"MISSED: {target}" if self.missed else target
        recovered = [f"{self.answers:.1f} s", f"{self.health:.1f} s", f"{bad or '0'} of {self.sent}"]
        cells = [self.fault.what, *recovered, str(self.kept), lost, f"{self.load:.0f}", verdict]
        return f"| {' | '.join(cells)} |"


def calm(people: Witnesses) -> float:
    """The moment from which on all was fine for CALM_SECONDS. Raises AssertionError when it takes too long."""
    deadline = time.monotonic() + LONGEST_SECONDS
    since = None
    while since is None or time.monotonic() - since < CALM_SECONDS:
        assert time.monotonic() < deadline, f"not as before within {LONGEST_SECONDS} s"
        since = (since or time.monotonic()) if people.fine else None
        time.sleep(0.1)
    return since


def survived(people: Witnesses, fault: Fault, happens: Callable[[], None]) -> Recovery:
    """One fault from the healthy stack to the healthy stack."""
    calm(people)
    kept, load = _count(people), os.getloadavg()[0]
    begun = time.monotonic()
    happens()
    counts_from = time.monotonic() if fault.lasts else begun
    time.sleep(1)  # by then the engine knows of it
    healthy = calm(people)
    looks = people.since(begun)
    bad = [look for look in looks if not look.good]
    answers = max((look.ended for look in bad), default=counts_from)
    statuses = Counter(look.status for look in bad)
    answered, well = (max(0.0, moment - counts_from) for moment in (answers, healthy))
    return Recovery(fault, answered, well, load, len(looks), statuses, _count(people) - kept, people.lost())


def _count(people: Witnesses) -> int:
    return sum(map(len, people.acknowledged.values()))
