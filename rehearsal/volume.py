"""`python -m rehearsal.volume`: how long backups and restores of much data take, and how large they are."""

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rehearsal.project import Project
from rehearsal.research import research, told
from rehearsal.stores import database, reached
from smoke_tests.clients import graph_driver
from toolchain.report import say

ROW_BYTES = 1000
"""Of text that does not pack well: hexadecimal digits, which are half chance."""
FILL = """INSERT INTO bulk
SELECT number, (SELECT string_agg(md5(random()::text || number || part), '') FROM generate_series(1, 31) part)
FROM generate_series(%s::int, %s::int) number"""
NODES = """UNWIND range($first, $last) AS number
CREATE (:Bulk {id: number, text: toString(rand()) + toString(rand())})"""
RELATIONSHIPS = """MATCH (one:Bulk) WHERE $first <= one.id <= $last
MATCH (other:Bulk {id: (one.id * 7919) % $nodes}) CREATE (one)-[:MENTIONS {weight: rand()}]->(other)"""
BATCH = 10_000
MEASURE = "import pathlib; print(sum(one.stat().st_size for one in pathlib.Path('/repository').rglob('*')))"
HEAD = "| | seconds | data, MB | repository, MB | Neo4j away, s |\n|---|---:|---:|---:|---:|"


@contextmanager
def stack() -> Iterator[Project]:
    """A throw-away stack that makes backups, with room for the data."""
    with (
        tempfile.TemporaryDirectory(prefix="volume-") as folder,
        Project(Path(folder), f"volume-{secrets.token_hex(3)}").prepared() as project,
    ):
        project.set("backup", True)
        result = project.up()
        assert result.code == 0, result.text
        yield project


def fill(project: Project, gigabytes: float, nodes: int) -> None:
    """So much into PostgreSQL, so many nodes and as many relationships into Neo4j."""
    rows = int(gigabytes * 1e9 / ROW_BYTES)
    with database(project) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("CREATE TABLE bulk (number int PRIMARY KEY, text text)")
        for first in range(0, rows, BATCH):
            connection.execute(FILL, [first, min(first + BATCH, rows) - 1])
    with reached(project) as way, graph_driver(*way) as driver:
        driver.execute_query("CREATE INDEX bulk IF NOT EXISTS FOR (one:Bulk) ON (one.id)")
        for query in (NODES, RELATIONSHIPS):
            for first in range(0, nodes, BATCH):
                driver.execute_query(query, first=first, last=min(first + BATCH, nodes) - 1, nodes=nodes)


def change(project: Project, share: float) -> None:
    """Other words in a share of the rows, all over the table."""
    with database(project) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("UPDATE bulk SET text = reverse(text) WHERE number %% %s = 0", [round(1 / share)])


def asked(project: Project, *arguments: str) -> tuple[Any, float]:
    """What a command prints for programs, and its seconds."""
    result = research(project, *arguments, "--json")
    return told(result), result.seconds


def backed_up(project: Project, what: str) -> str:
    """A line of the table, of a backup that is made now."""
    done, seconds = asked(project, "backup", "run")
    parts = asked(project, "backup", "list")[0]
    size = sum(one["bytes"] for one in parts if one["backup"] == done["backup"]) / 1e6
    away = done.get("neo4j_stopped_seconds", 0)
    each = ", ".join(f"{job['job']} {job['seconds']:.0f} s" for job in done["jobs"])
    say(f"{what}: {each}")
    return f"| {what} | {seconds:.0f} | {size:.0f} | {repository_mb(project):.0f} | {away:.0f} |"


def repository_mb(project: Project) -> float:
    """The repository's size on the disk."""
    _, printed = project.deployment().container("backup").exec_run(["python", "-c", MEASURE])
    return float(printed if isinstance(printed, bytes) else b"".join(printed)) / 1e6


def main() -> int:
    """Run as asked."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.volume", description=__doc__)
    parser.add_argument("--gb", type=float, default=1, help="of rows in PostgreSQL, 10^9 bytes")
    parser.add_argument("--nodes", type=int, default=100_000, help="in Neo4j, and as many relationships")
    chosen = parser.parse_args()
    with stack() as project:
        begun = time.monotonic()
        fill(project, chosen.gb, chosen.nodes)
        say(f"filled within {time.monotonic() - begun:.0f} s")
        lines = [HEAD, backed_up(project, "first backup")]
        change(project, 0.01)
        lines.append(backed_up(project, "backup after 1 % of the rows changed"))
        _, seconds = asked(project, "backup", "verify", "--whole")
        lines.append(f"| every byte read | {seconds:.0f} | | | |")
        report, seconds = asked(project, "backup", "drill")
        say(f"drill: {report.get('stores')}")
        lines.append(f"| drill | {seconds:.0f} | | | |")
        done, seconds = asked(project, "restore", "--confirm", project.stack, "--no-safety-backup")
        say(f"restore: { {store: one['seconds'] for store, one in done['restored'].items()} }")
        lines.append(f"| restore of everything | {seconds:.0f} | | | |")
    say("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
