"""One life of a stack on one side, from a cold start to the end, each deploy timed."""

import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bench.deploys.measured import Timed, Visits
from bench.deploys.side import Side, SideError, succeeded
from bench.deploys.visitors import visited
from bench.gauge import MIB, used
from rehearsal.project import Result
from smoke_tests.guest import printed_in

SETTLING_SECONDS = 2
NOTHING_TIMES = 2


class Row(StrEnum):
    """What is timed."""

    COLD = "cold start to all healthy"
    NOTHING = "nothing changed"
    NOTHING_ALONE = "nothing changed, the job left out"
    VALUE = "one value of the api's environment"
    IMAGE = "one line of the api's source"
    BROKEN = "a version that does not start: time to the verdict"
    MENDED = "that version taken back"
    DOWN = "destroy, the data stays"


@dataclass
class Findings:
    """A side's times, who answered after the broken version, and the edge's memory (MiB; 0: there is no edge)."""

    times: dict[Row, Timed]
    afterwards: str = ""
    edge_mb: float = 0


@dataclass
class Trial:
    """Takes one side through its life and adds to its findings."""

    side: Side
    findings: Findings
    say: Callable[[str], None]

    def run(self, *, broken: bool) -> None:
        """From nothing to nothing. Raises SideError when a deploy fails that must not."""
        self._timed(Row.COLD, self.side.up)
        for _ in range(NOTHING_TIMES):
            self._timed(Row.NOTHING, self.side.up)
            self._timed(Row.NOTHING_ALONE, self.side.up_alone)
        self.side.set_value(secrets.token_hex(4))
        self._under_visitors(Row.VALUE)
        self.side.source.mark(secrets.token_hex(4))
        self._under_visitors(Row.IMAGE)
        if broken:
            self._broken()
        self._weigh_the_edge()
        self._timed(Row.DOWN, self.side.down)
        self.side.forget()

    def _broken(self) -> None:
        self.side.source.damage()
        self._under_visitors(Row.BROKEN, fails=True)
        self.findings.afterwards = served(self.side.port)
        self.side.source.mend()
        self._timed(Row.MENDED, self.side.up)

    def _under_visitors(self, row: Row, *, fails: bool = False) -> None:
        api = self.side.containers("api")[0]
        link = printed_in(api, "python", "-m", "market_research.invite").strip().splitlines()[-1]
        with visited(self.side.port, link) as visitors:
            time.sleep(SETTLING_SECONDS)
            self._timed(row, self.side.up, fails=fails)
            time.sleep(SETTLING_SECONDS)
        visits = Visits.of(visitors.visits)
        self.findings.times[row].visits.append(visits)
        self.say(f"{'':16}{visits.failed} of {visits.sent} requests failed, p99 {visits.p99_ms:.0f} ms")

    def _timed(self, row: Row, deploy: Callable[[], Result], *, fails: bool = False) -> None:
        result = deploy()
        if not fails:
            succeeded(self.side, result)
        elif result.code == 0:
            raise SideError(f"{self.side.name} took a version that does not start for a good one")
        self.findings.times.setdefault(row, Timed()).seconds.append(result.seconds)
        self.say(f"{self.side.name:<16}{row}: {result.seconds:.1f} s")

    def _weigh_the_edge(self) -> None:
        for edge in self.side.containers("edge"):
            reading: Any = edge.stats(stream=False)
            self.findings.edge_mb = used(reading["memory_stats"]) / MIB


def served(port: int) -> str:
    """Who answers for the API at a port."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return f"the version before (HTTP {answer.status})"
    except urllib.error.HTTPError as error:
        return f"nobody (HTTP {error.code})"
    except OSError as error:
        return f"nobody ({error})"
