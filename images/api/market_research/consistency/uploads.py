"""The files of stimulus material against their rows."""

from collections.abc import Iterable
from itertools import batched
from uuid import UUID

from psycopg import AsyncConnection

from market_research.consistency.finding import Fault, Finding
from market_research.projects.shelf import Shelf
from market_research.stores import Stores

PAGE = 1000
UNKNOWN = Fault(
    "files without a row", "files without a row are harmless: the API removes them when they are old", harmless=True
)
MISSING = Fault("rows without a file", "rows without a file are lost uploads: restore the uploads or upload them again")
DAMAGED = Fault(
    "files of another size", "files of another size are damaged uploads: restore the uploads or upload them again"
)


async def look(stores: Stores, shelf: Shelf) -> list[Finding]:
    """Compare the files with the rows, then the rows with the files."""
    finding = Finding("uploads", {"rows": 0, "files": 0})
    async with stores.postgres.connection() as connection:
        # An upload becomes a file first and then a row: in this order none that comes meanwhile looks lost.
        for names in batched(shelf.names(), PAGE):
            finding.count("files", len(names))
            for name in await _unknown(connection, names):
                finding.note(UNKNOWN, _id(name))
        async with connection.cursor("stimuli") as cursor:
            cursor.itersize = PAGE
            await cursor.execute("SELECT id, size FROM stimulus ORDER BY id")
            async for stimulus_id, size in cursor:
                finding.count("rows")
                found = shelf.size(stimulus_id)
                if found != size:
                    finding.note(MISSING if found is None else DAMAGED, stimulus_id)
    return [finding]


async def _unknown(connection: AsyncConnection, names: Iterable[str]) -> list[str]:
    ids = {name: _id(name) for name in names}
    rows = await connection.execute(
        "SELECT id FROM stimulus WHERE id = ANY(%s)", [[one for one in ids.values() if one is not None]]
    )
    known = {row[0] for row in await rows.fetchall()}
    return [name for name, one in ids.items() if one not in known]


def _id(name: str) -> UUID | None:
    """The material that a file of this name belongs to; None for a name that the API gives to no file."""
    try:
        one = UUID(name)
    except ValueError:
        return None
    return one if one.hex == name else None
