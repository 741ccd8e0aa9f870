"""The graph in Neo4j against PostgreSQL's rows, a page of each at a time."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from neo4j import AsyncDriver, Query, RoutingControl
from psycopg import AsyncConnection
from psycopg.rows import args_row

from market_research.consistency.finding import Fault, Finding
from market_research.consistency.label import LABELS, UNSETTLED, WRITTEN, Label
from market_research.stores import Stores

PAGE = 1000
PAGE_SECONDS = 60
"""For a page out of 100,000 nodes that have just been restored, so that Neo4j has nothing of them in memory."""
REBUILD = "`make rebuild WHAT=graph STACK=<stack>` mends the graph"
UNKNOWN = Fault("nodes without a row", REBUILD)
MISSING = Fault("rows without a node", REBUILD)
MISPLACED = Fault("nodes with other relationships", REBUILD)


class Row(NamedTuple):
    """What should be in the graph, or may be when its focus group is not settled."""

    id: Any
    settled: bool
    ends: list[str]


class Node(NamedTuple):
    """What is in the graph."""

    id: Any
    ends: list[str]


Strangers = Callable[[Sequence[Any]], Awaitable[list[Any]]]


async def look(stores: Stores) -> list[Finding]:
    """Compare each label; the graph of focus groups that are about to be written or erased is left out and counted."""
    due, groups = Finding("graph still due", {"to write": 0, "to erase": 0}), []
    async with stores.postgres.connection() as connection:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for what, group_id in await (await connection.execute(UNSETTLED)).fetchall():
            due.count(what)
            groups.append(group_id)
        return [
            *[
                await compare(
                    label,
                    _rows(connection, label),
                    _nodes(stores.neo4j, label),
                    _strangers(stores.neo4j, label, groups),
                )
                for label in LABELS
            ],
            due,
        ]


async def compare(label: Label, rows: AsyncIterator[Row], nodes: AsyncIterator[Node], strangers: Strangers) -> Finding:
    """Both sides of a label; `strangers` are those of nodes without a row that belong to no unsettled focus group."""
    finding = Finding(f"graph {label.name}", {"rows": 0, "nodes": 0})
    rowless: list[Any] = []

    def note(fault: Fault, one: Any) -> None:
        finding.note(fault, None if label.private else one)

    async for row, node in side_by_side(rows, nodes):
        finding.count("rows", row is not None)
        finding.count("nodes", node is not None)
        if row is None and node is not None:
            rowless.append(node.id)
        elif row is not None and row.settled:
            if node is None:
                note(MISSING, row.id)
            elif sorted(row.ends) != sorted(node.ends):
                note(MISPLACED, row.id)
        if len(rowless) == PAGE:
            for one in await strangers(rowless):
                note(UNKNOWN, one)
            rowless.clear()
    for one in await strangers(rowless) if rowless else ():
        note(UNKNOWN, one)
    return finding


async def side_by_side(
    rows: AsyncIterator[Row], nodes: AsyncIterator[Node]
) -> AsyncIterator[tuple[Row | None, Node | None]]:
    """What has the same id together, and the rest alone; both come in the order of ids."""
    row, node = await anext(rows, None), await anext(nodes, None)
    while row or node:
        left = row if not node or (row and row.id <= node.id) else None
        right = node if not row or (node and node.id <= row.id) else None
        yield left, right
        row = await anext(rows, None) if left else row
        node = await anext(nodes, None) if right else node


async def _rows(connection: AsyncConnection, label: Label) -> AsyncIterator[Row]:
    async with connection.cursor(label.name, row_factory=args_row(Row)) as cursor:
        cursor.itersize = PAGE
        await cursor.execute(WRITTEN + label.rows)
        async for row in cursor:
            yield row


async def _nodes(driver: AsyncDriver, label: Label) -> AsyncIterator[Node]:
    """Page by page along the index of the constraint, so that no query takes long or holds much."""
    query = (
        f"MATCH (node:{label.name}) WHERE node.id > $after WITH node ORDER BY node.id LIMIT $page"
        f" RETURN node.id AS id, {label.ends} AS ends ORDER BY id"
    )
    after: Any = label.before_all
    while True:
        page = await _ask(driver, query, after=after, page=PAGE)
        for record in page:
            yield Node(record["id"], record["ends"])
        if len(page) < PAGE:
            return
        after = page[-1]["id"]


def _strangers(driver: AsyncDriver, label: Label, unsettled: Sequence[str]) -> Strangers:
    query = (
        f"MATCH (node:{label.name}) WHERE node.id IN $ids AND NOT any(one IN {label.groups} WHERE one IN $unsettled)"
        " RETURN node.id AS id ORDER BY id"
    )

    async def ask(ids: Sequence[Any]) -> list[Any]:
        return [record["id"] for record in await _ask(driver, query, ids=ids, unsettled=unsettled)]

    return ask


async def _ask(driver: AsyncDriver, query: str, **parameters: Any) -> list[Any]:
    asked = Query(query, timeout=PAGE_SECONDS)
    records, _, _ = await driver.execute_query(asked, parameters, routing_=RoutingControl.READ)
    return records
