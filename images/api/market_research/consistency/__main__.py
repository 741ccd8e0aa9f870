"""`python -m market_research.consistency [--json]`: compare Neo4j, the uploaded files and Redis with PostgreSQL."""

import argparse
import asyncio
import json
import logging
import sys
from functools import partial

import psycopg
from neo4j.exceptions import DriverError, Neo4jError
from redis.exceptions import RedisError

from market_research.consistency import graph, sessions, uploads
from market_research.consistency.finding import Finding
from market_research.consistency.moment import still
from market_research.consistency.report import Report
from market_research.projects.shelf import Shelf
from market_research.settings import Passwords, Settings, SettingsError
from market_research.stores import Stores
from market_research.watch import reason

Blind = (psycopg.Error, DriverError, Neo4jError, RedisError, OSError, TimeoutError)

log = logging.getLogger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when the stores agree, 1 when they do not, 2 when one of them could not be looked at."""
    parser = argparse.ArgumentParser(prog="consistency", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    as_json = parser.parse_args(arguments).json
    # What they have to say is in the report, or is about queries that find nothing.
    for chatty in ("neo4j", "psycopg.pool"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    try:
        report = asyncio.run(_report())
    except SettingsError as error:
        report = Report(unseen={"settings": ", ".join(str(error).splitlines())})
    print(json.dumps(report.facts()) if as_json else "\n".join(report.lines()), flush=True)  # noqa: T201
    return report.code


async def _report() -> Report:
    """Look at one after the other: what is away hides only what it has a part in."""
    settings = Settings.load()
    stores, shelf = Stores.at(settings, Passwords.load()), Shelf(settings.files_folder)
    looks = {
        "graph": partial(graph.look, stores),
        "uploads": partial(uploads.look, stores, shelf),
        "sessions": partial(sessions.look, stores),
    }
    findings: list[Finding] = []
    unseen = {}
    await stores.open()
    try:
        for part, look in looks.items():
            try:
                findings += await still(stores, look)
            except Blind as error:
                unseen[part] = reason(error)
            except Exception as error:
                # Python would leave with 1, which says that the stores differ.
                log.exception("%s", part)
                unseen[part] = f"a mistake of ours ({type(error).__name__})"
    finally:
        await stores.close()
    return Report(findings, unseen)


if __name__ == "__main__":
    sys.exit(main())
