"""What a comparison found: how much there is and, of each fault, how many with a few examples."""

from dataclasses import dataclass, field

EXAMPLES = 5


@dataclass(frozen=True)
class Fault:
    """A way in which two stores may disagree, and what to do about it; nothing, if it is `harmless`."""

    name: str
    way_out: str
    harmless: bool = False


@dataclass
class Cases:
    """How often a fault was found; examples are ids, never what people wrote."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass
class Finding:
    """A kind of thing on both sides; `moving` when it was written to while it was looked at."""

    kind: str
    counts: dict[str, int] = field(default_factory=dict)
    faults: dict[Fault, Cases] = field(default_factory=dict)
    moving: bool = False

    def count(self, name: str, number: int = 1) -> None:
        """There are so many more of these."""
        self.counts[name] = self.counts.get(name, 0) + number

    def note(self, fault: Fault, example: object = None) -> None:
        """Here is a fault, at this id if it may be told."""
        cases = self.faults.setdefault(fault, Cases())
        cases.count += 1
        if example is not None and len(cases.examples) < EXAMPLES:
            cases.examples.append(str(example))

    def line(self) -> str:
        """All of it, for people."""
        parts = [", ".join(f"{name} {number}" for name, number in self.counts.items())]
        for fault, cases in self.faults.items():
            examples = ", ".join(cases.examples) + (", ..." if cases.count > len(cases.examples) else "")
            parts.append(f"{fault.name} {cases.count}" + (f" ({examples})" if cases.examples else ""))
        if self.moving:
            parts.append("written to meanwhile: look again")
        return f"{self.kind}: {'; '.join(parts)}"

    def facts(self) -> dict[str, object]:
        """All of it, for programs."""
        return {
            "kind": self.kind,
            "counts": self.counts,
            "faults": {fault.name: vars(cases) for fault, cases in self.faults.items()},
            "moving": self.moving,
        }
