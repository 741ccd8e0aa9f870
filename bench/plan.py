"""What the crowd is told to do, and what it tells afterwards: read on both sides, in two Python environments."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

SLOWEST_MS = 500
GROWTH = 1.5
MOST_USERS = 400
MOST_SECONDS = 600
RUN = "a focus group, from start to end"  # no request: not among those that overall figures count


@dataclass(frozen=True)
class Plan:
    """How many users come to which address, and for how many seconds; `ramp` lets more and more come."""

    url: str
    link: str
    users: int
    seconds: float
    ramp: bool

    def crowds(self) -> Iterator[int]:
        """The number of users in each step."""
        users = self.users
        yield users
        while self.ramp and (users := round(users * GROWTH)) <= MOST_USERS:
            yield users


@dataclass(frozen=True)
class Kind:
    """How one kind of request went; times in milliseconds."""

    name: str
    requests: int
    failures: int
    per_second: float
    p50: float
    p95: float
    p99: float


@dataclass(frozen=True)
class Step:
    """What so many users found in so many seconds; `errors` are what failures said, with how often."""

    users: int
    seconds: float
    overall: Kind
    kinds: tuple[Kind, ...]
    errors: dict[str, int]

    @property
    def run(self) -> Kind | None:
        """How the focus groups went that ended meanwhile."""
        return next((kind for kind in self.kinds if kind.name == RUN), None)

    @property
    def steady(self) -> bool:
        """Whether the stack carried the crowd: nothing failed, and hardly anybody waited long."""
        return self.overall.failures == 0 and self.overall.p95 <= SLOWEST_MS


def written(steps: list[Step]) -> str:
    """The steps as JSON."""
    return json.dumps([asdict(step) for step in steps])


def read(text: str) -> list[Step]:
    """The steps that were written."""
    return [
        Step(**{**step, "overall": Kind(**step["overall"]), "kinds": tuple(Kind(**kind) for kind in step["kinds"])})
        for step in json.loads(text)
    ]
