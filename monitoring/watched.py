"""What the rules are made from: the facts of one stack."""

from collections.abc import Sequence
from dataclasses import dataclass, field

MIB = 1024 * 1024


@dataclass(frozen=True)
class Watched:
    """One service: `memory_mb` (MiB) is the limit of each container; it may be one of those that watch."""

    name: str
    memory_mb: int
    watches: bool = False


@dataclass(frozen=True)
class Pace:
    """How patient the rules are: durations are multiplied by `factor`, which is 1 but for a rehearsal."""

    scrape_seconds: int = 15
    factor: float = 1

    def lasting(self, seconds: float) -> str:
        """How long something has to be so, in Prometheus' words."""
        return f"{round(seconds * self.factor)}s"

    def over(self, seconds: float) -> str:
        """The range that a rate is taken over: at least four scrapes, with fewer a rate means nothing."""
        return f"{max(round(seconds * self.factor), 4 * self.scrape_seconds)}s"


@dataclass(frozen=True)
class Stack:
    """One stack: its services, where people come in, and what there is besides the usual."""

    services: Sequence[Watched]
    public_url: str
    has_edge: bool = False
    llm_usd_per_day: float | None = None
    makes_backups: bool = False
    pace: Pace = field(default_factory=Pace)

    @property
    def speaks_tls(self) -> bool:
        """Whether there is a certificate to look after."""
        return self.public_url.startswith("https:")
