"""The sessions in Redis against the accounts."""

from itertools import batched

from market_research.accounts.session import LONGEST_SECONDS, Sessions
from market_research.consistency.finding import Fault, Finding
from market_research.stores import Stores

PAGE = 1000
STRAY = Fault(
    "accounts that do not exist",
    f"sessions of accounts that do not exist let somebody in, for {LONGEST_SECONDS // 86400} days at most",
)


async def look(stores: Stores) -> list[Finding]:
    """Compare whose sessions there are with who has an account; no session is told, only whose it is."""
    # Redis may name one twice while it grows.
    owners = {one async for one in Sessions(stores.redis).owners()}
    finding = Finding("sessions", {"accounts": len(owners)})
    async with stores.postgres.connection() as connection:
        for some in batched(sorted(owners), PAGE):
            cursor = await connection.execute("SELECT id FROM account WHERE id = ANY(%s)", [list(some)])
            known = {row[0] for row in await cursor.fetchall()}
            for one in some:
                if one not in known:
                    finding.note(STRAY, one)
    return [finding]
