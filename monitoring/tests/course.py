"""How figures go while something is well, then ill, then well again; and what promtool is to find of that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

INTERVAL = "1m"


class Course(Protocol):
    """The values of a series, a value a minute."""

    def values(self, well: int, ill: int, again: int) -> str:
        """In promtool's words, for so many minutes of each."""


@dataclass(frozen=True)
class Level:
    """A gauge that stands at one value and then at another; no value at all is None."""

    well: float | None
    ill: float | None

    def values(self, well: int, ill: int, again: int) -> str:
        """In promtool's words."""
        sick, good = _stays(self.ill, ill), _stays(self.well, again)
        gone = "stale " if self.ill is None else ""
        return f"{_stays(self.well, well)} {gone}{sick} {good}"


@dataclass(frozen=True)
class Count:
    """A counter that grows by so much a minute, and then by another amount."""

    well: float
    ill: float

    def values(self, well: int, ill: int, again: int) -> str:
        """In promtool's words."""
        sick = self.well * well
        better = sick + self.ill * ill
        return f"0+{self.well}x{well - 1} {sick}+{self.ill}x{ill - 1} {better}+{self.well}x{again - 1}"


@dataclass(frozen=True)
class Fall:
    """A gauge that stands, falls by so much a minute for a while, and stands again."""

    start: float
    each_minute: float

    def values(self, well: int, ill: int, again: int) -> str:
        """In promtool's words."""
        end = self.start - self.each_minute * ill
        return f"{self.start}x{well - 1} {self.start}-{self.each_minute}x{ill - 1} {end}x{again - 1}"


def _stays(value: float | None, minutes: int) -> str:
    return f"_x{minutes}" if value is None else f"{value}x{minutes - 1}"


@dataclass(frozen=True)
class Case:
    """An alert and the series that it looks at; it is well for `minutes[0]`, ill for the next, and well again."""

    alert: str
    series: Mapping[str, Course]
    minutes: tuple[int, int, int] = (30, 30, 60)

    @property
    def test(self) -> dict[str, Any]:
        """Silent at the end of the good time, firing at the end of the bad one, silent again in the end."""
        well, ill, again = self.minutes
        firing = f'(count(ALERTS{{alertname="{self.alert}",alertstate="firing"}}) or vector(0)) > bool 0'

        def at(minute: int, value: int) -> dict[str, Any]:
            return {"expr": firing, "eval_time": f"{minute}m", "exp_samples": [{"labels": "{}", "value": value}]}

        return {
            "name": self.alert,
            "interval": INTERVAL,
            "input_series": [
                {"series": name, "values": course.values(well, ill, again)} for name, course in self.series.items()
            ],
            "promql_expr_test": [at(well - 1, 0), at(well + ill - 1, 1), at(well + ill + again - 1, 0)],
        }
