"""Looking while the API writes: what has changed meanwhile is no difference, so it is looked at again."""

from collections.abc import Awaitable, Callable

from market_research.consistency.finding import Finding
from market_research.stores import Stores

ATTEMPTS = 3
MOMENT = """
SELECT (SELECT ROW(count(*), count(graph_at), max(graph_at))::text FROM focus_group),
    (SELECT count(*) FROM graph_erasure),
    (SELECT ROW(count(*), max(created_at))::text FROM stimulus),
    (SELECT ROW(count(*), max(created_at))::text FROM account)
"""


async def still(stores: Stores, look: Callable[[], Awaitable[list[Finding]]]) -> list[Finding]:
    """What was found without anything changing; after a few attempts what was found last, marked as moving."""
    for _ in range(ATTEMPTS):
        before = await _moment(stores)
        findings = await look()
        if not any(finding.faults for finding in findings) or before == await _moment(stores):
            return findings
    for finding in findings:
        finding.moving = bool(finding.faults)
    return findings


async def _moment(stores: Stores) -> object:
    async with stores.postgres.connection() as connection:
        return await (await connection.execute(MOMENT)).fetchone()
