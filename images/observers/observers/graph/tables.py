"""What the driver keeps in memory for every date and number that it might meet."""

from typing import Any

import neo4j.time
from neo4j._codec.packstream import v1

TABLES: dict[Any, list[str]] = {
    neo4j.time: ["_IS_LEAP_YEAR", "_DAYS_IN_YEAR", "_DAYS_IN_MONTH"],
    v1: ["UNPACKED_UINT_16"],
}


def forget() -> None:
    """Give 17 MB back: the days of all months until the year 9999, of which no question here asks one, and a relic."""
    for module, names in TABLES.items():
        for name in names:
            getattr(module, name, {}).clear()
