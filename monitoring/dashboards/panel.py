"""What a dashboard is, whoever draws it: panels in rows, and the questions that they ask Prometheus."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["timeseries", "stat", "gauge", "table", "bar"]
Unit = Literal["share", "seconds", "bytes", "bytes/s", "requests/s", "operations/s", "count", "cores", "usd", "up"]
"""`share` is 0 to 1, and `up` is 1 or 0."""
Mood = Literal["good", "warning", "bad"]

RATE = "$__rate_interval"
"""As both programs know it: as wide as a point of the graph, and at least four scrapes."""
COLUMNS = 24
"""How wide the grid is, in both programs."""


@dataclass(frozen=True)
class Query:
    """PromQL, and the name of each series, in which {{label}} stands for its value; in a table it heads the column.

    A column of a table may have a unit of its own.
    """

    expr: str
    legend: str = ""
    unit: Unit | None = None

    def asked(self, seconds: int = 60) -> str:
        """As Prometheus is asked when a point of the graph is `seconds` apart from the next."""
        return self.expr.replace(RATE, f"{seconds}s")


@dataclass(frozen=True)
class Threshold:
    """From the value `at` on it looks `mood`."""

    at: float
    mood: Mood


@dataclass(frozen=True)
class Thresholds:
    """How a value looks: `lowest` below the first of the `steps`, which go up."""

    lowest: Mood
    steps: tuple[Threshold, ...]


def high_is_bad(warning: float, bad: float) -> Thresholds:
    """Good below `warning`."""
    return Thresholds("good", (Threshold(warning, "warning"), Threshold(bad, "bad")))


def low_is_bad(bad: float, warning: float) -> Thresholds:
    """Bad below `bad`, and good from `warning` on."""
    return Thresholds("bad", (Threshold(bad, "warning"), Threshold(warning, "good")))


def noticed(at: float) -> Thresholds:
    """Good below `at`, where somebody should look."""
    return Thresholds("good", (Threshold(at, "warning"),))


IS_UP = Thresholds("bad", (Threshold(1, "good"),))
NONE_IS_GOOD = Thresholds("good", (Threshold(1, "bad"),))


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One figure of a dashboard, with the sentence that says what it means.

    A graph goes from zero to `maximum`. A `stacked` one adds its series up. The lines of a table are the values of the
    label `rows`, headed `heading`. All but graphs show how it is at the end of the chosen time.
    """

    title: str
    description: str
    unit: Unit
    queries: tuple[Query, ...]
    kind: Kind = "timeseries"
    thresholds: Thresholds | None = None
    maximum: float | None = None
    decimals: int | None = None
    stacked: bool = False
    rows: str = ""
    heading: str = ""
    width: int = 8
    height: int = 8


@dataclass(frozen=True, kw_only=True)
class Stat(Panel):
    """One number, or a few side by side."""

    kind: Kind = "stat"
    width: int = 4
    height: int = 4


@dataclass(frozen=True, kw_only=True)
class Gauge(Stat):
    """A share of something that can be full."""

    kind: Kind = "gauge"
    maximum: float | None = 1


@dataclass(frozen=True, kw_only=True)
class Table(Panel):
    """A line for each value of a label."""

    kind: Kind = "table"
    width: int = 24


@dataclass(frozen=True, kw_only=True)
class Bar(Panel):
    """What is compared rather than followed over time."""

    kind: Kind = "bar"


@dataclass(frozen=True)
class Row:
    """Panels from left to right, and on below when the line is full."""

    title: str
    panels: tuple[Panel, ...]

    @property
    def placed(self) -> Iterator[tuple[Panel, int, int]]:
        """Every panel with its column and line."""
        x = y = tallest = 0
        for panel in self.panels:
            if x + panel.width > COLUMNS:
                x, y, tallest = 0, y + tallest, 0
            yield panel, x, y
            x, tallest = x + panel.width, max(tallest, panel.height)

    @property
    def height(self) -> int:
        """Lines of the grid."""
        return max(y + panel.height for panel, _, y in self.placed)


@dataclass(frozen=True)
class Dashboard:
    """A page; `uid` is its address. It shows the last `hours`."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    hours: int = 1

    @property
    def panels(self) -> Iterator[Panel]:
        """Those of all rows."""
        for row in self.rows:
            yield from row.panels
