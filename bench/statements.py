"""What PostgreSQL counted of the application's statements, read as its superuser in the container.

The extension that shows the counters is made in a transaction that is taken back: the database stays as it is.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from docker.models.containers import Container

from smoke_tests.guest import printed_in

READ = """
BEGIN;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
SELECT coalesce(json_object_agg(id, facts), '{}') FROM (
    SELECT concat_ws('/', dbid, toplevel, queryid) AS id, json_build_array(query, calls, total_exec_time) AS facts
    FROM pg_stat_statements JOIN pg_roles ON pg_roles.oid = userid WHERE rolname = :'role') AS counters;
ROLLBACK;
"""


@dataclass(frozen=True)
class Statement:
    """One kind of statement; the times are those of all calls together."""

    query: str
    calls: int
    total_ms: float

    @property
    def mean_ms(self) -> float:
        """Milliseconds of one call."""
        return self.total_ms / self.calls


@dataclass
class Statements:
    """The statements that ran in a while."""

    ran: list[Statement] = field(default_factory=list)

    @property
    def slowest(self) -> Statement | None:
        """The one whose calls took longest, each."""
        return max(self.ran, key=lambda statement: statement.mean_ms, default=None)

    @property
    def costliest(self) -> Statement | None:
        """The one whose calls took longest, all together."""
        return max(self.ran, key=lambda statement: statement.total_ms, default=None)


@contextmanager
def statements(postgres: Container, role: str) -> Iterator[Statements]:
    """The statements that a role ran while the block lasted, known at its end."""
    found = Statements()
    before = counters(postgres, role)
    try:
        yield found
    finally:
        found.ran.extend(between(before, counters(postgres, role)))


def counters(postgres: Container, role: str) -> dict[str, Statement]:
    """All that was counted so far."""
    shell = 'printf "%s" "$1" | psql -XqAt -v ON_ERROR_STOP=1 -v role="$2" -U postgres -d postgres'
    printed = printed_in(postgres, "sh", "-c", shell, "sh", READ, role)
    return {key: Statement(*facts) for key, facts in json.loads(printed.strip().splitlines()[-1]).items()}


def between(before: Mapping[str, Statement], after: Mapping[str, Statement]) -> Iterator[Statement]:
    """What was called in between; counters that were reset meanwhile count from nothing."""
    for key, statement in after.items():
        earlier = before.get(key, Statement(statement.query, 0, 0))
        if earlier.calls > statement.calls:
            earlier = Statement(statement.query, 0, 0)
        if statement.calls > earlier.calls:
            calls, total_ms = statement.calls - earlier.calls, statement.total_ms - earlier.total_ms
            yield Statement(statement.query, calls, total_ms)
