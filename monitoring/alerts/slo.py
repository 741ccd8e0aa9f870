"""Service level objectives: how fast the budget of errors and of slow answers is used up.

The windows and factors are those of the Site Reliability Workbook (alerting on SLOs, multiwindow, multi-burn-rate).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from monitoring.alert import Alert, Severity
from monitoring.watched import Stack

AVAILABLE = 0.995
"""The share of requests over 30 days that is to be answered without a server error."""
FAST = 0.99
"""The share that is to be answered within SLOW_SECONDS, those of WAITING left out."""
SLOW_SECONDS = 1
FEWEST_REQUESTS = 20
"""In the long window: with fewer, one failure would be a trend."""
WAITING = "/api/personas.*|.*/stimuli|.*/analysis"
"""Routes that wait for a language model, for an upload or for a computation on the graph."""

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Burn:
    """A pair of windows (seconds), the long one for significance and the short one to end with the trouble."""

    name: str
    factor: float
    long: int
    short: int
    lasting: int
    severity: Severity


BURNS = (
    Burn("Fast", 14.4, HOUR, 5 * MINUTE, 2 * MINUTE, "page"),
    Burn("Steady", 6, 6 * HOUR, 30 * MINUTE, 15 * MINUTE, "page"),
    Burn("Slow", 3, DAY, 2 * HOUR, HOUR, "ticket"),
    Burn("Creeping", 1, 3 * DAY, 6 * HOUR, 3 * HOUR, "ticket"),
)


def _word(seconds: int) -> str:
    unit, letter = next(
        (unit, letter) for unit, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")) if seconds % unit == 0
    )
    return f"{seconds // unit}{letter}"


@dataclass(frozen=True)
class Objective:
    """`bad` and `all` are counters' selectors; `budget` is the share that may be bad."""

    name: str
    metric: str
    bad: str
    every: str
    budget: float
    what: str

    def record(self, window: int) -> str:
        """The name of the recorded ratio."""
        return f"stack:{self.metric}:ratio_rate{_word(window)}"


def objectives(stack: Stack) -> tuple[Objective, Objective]:
    """Availability, seen at the edge where there is one, and latency, seen in the API.

    What the edge answers itself is no failure: the maintenance page, and refusals of what comes too often.
    """
    seen = "http_server_request_duration_seconds"
    quick = f'http_route!~"{WAITING}"'
    if stack.has_edge:
        behind = 'proxy=~"api|frontend"'
        every = f"haproxy_backend_http_responses_total{{{behind}}}"
        bad = f'haproxy_backend_http_responses_total{{{behind},code="5xx"}}'
    else:
        every, bad = f"{seen}_count", f'{seen}_count{{http_response_status_code=~"5.."}}'
    return (
        Objective("Availability", "request_errors", bad, every, 1 - AVAILABLE, "answered with a server error"),
        Objective(
            "Latency",
            "slow_requests",
            f'{seen}_bucket{{le="{SLOW_SECONDS}.0",{quick}}}',
            f"{seen}_count{{{quick}}}",
            1 - FAST,
            f"answered after more than {SLOW_SECONDS} s",
        ),
    )


def recorded(stack: Stack) -> Iterator[dict[str, Any]]:
    """The ratios over every window, and how many requests there were in the long ones."""
    windows = sorted({window for burn in BURNS for window in (burn.long, burn.short)})
    for one in objectives(stack):
        for window in windows:
            over = stack.pace.over(window)
            bad, every = f"sum(rate({one.bad}[{over}]))", f"sum(rate({one.every}[{over}]))"
            part = f"{bad} or vector(0)" if one.name == "Availability" else f"{every} - {bad}"
            yield {"record": one.record(window), "expr": f"({part}) / ({every} > 0)"}


def alerts(stack: Stack) -> Iterator[Alert]:
    """One for each objective and pair of windows."""
    for one in objectives(stack):
        for burn in BURNS:
            limit = f"{burn.factor * one.budget:.6g}"
            over = stack.pace.over(burn.long)
            yield Alert(
                name=f"{one.name}Budget{burn.name}Burn",
                expr=(
                    f"{one.record(burn.long)} > {limit} and {one.record(burn.short)} > {limit} "
                    f"and sum(increase({one.every}[{over}])) > {FEWEST_REQUESTS}"
                ),
                lasting=stack.pace.lasting(burn.lasting),
                severity=burn.severity,
                labels={"service": "public", "objective": one.name.lower()},
                summary=f"{{{{ $value | humanizePercentage }}}} of all requests of {_word(burn.long)} were {one.what}",
                description=(
                    f"At this rate, {burn.factor:g} times what the objective allows, the budget of 30 days is gone in "
                    f"{30 / burn.factor:.2g} days. It ends when the last {_word(burn.short)} are good."
                ),
            )
