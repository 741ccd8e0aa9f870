"""What all comparisons together say: in lines, in JSON, and as an exit code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from market_research.consistency.finding import Finding

CONSISTENT, DIFFERENT, UNSEEN = 0, 1, 2
OUTCOMES = {CONSISTENT: "consistent", DIFFERENT: "different", UNSEEN: "unseen"}


@dataclass(frozen=True)
class Report:
    """Findings, and why some things could not be looked at."""

    findings: Sequence[Finding] = ()
    unseen: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """What has not been seen may be anything: it counts more than what has."""
        if self.unseen:
            return UNSEEN
        faults = (fault for finding in self.findings for fault in finding.faults)
        return DIFFERENT if any(not fault.harmless for fault in faults) else CONSISTENT

    @property
    def ways_out(self) -> list[str]:
        """What to do, each thing once."""
        known = dict.fromkeys(fault.way_out for finding in self.findings for fault in finding.faults)
        return [*known, *(["run this again when it can look at everything"] if self.unseen else [])]

    def lines(self) -> list[str]:
        """A line for each kind of thing; the last one says that all is well, or what to do."""
        seen = [f"consistency: {finding.line()}" for finding in self.findings]
        unseen = [f"consistency: {part}: could not look: {why}" for part, why in self.unseen.items()]
        return [*seen, *unseen, "; ".join(self.ways_out) or OUTCOMES[CONSISTENT]]

    def facts(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "outcome": OUTCOMES[self.code],
            "findings": [finding.facts() for finding in self.findings],
            "unseen": dict(self.unseen),
            "ways_out": self.ways_out,
        }
