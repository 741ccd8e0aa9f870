"""What is made of two stores that disagree; the queries themselves are tried in images/tests."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from market_research import graph as shape
from market_research.consistency import graph, moment, sessions, uploads
from market_research.consistency.finding import Fault, Finding
from market_research.consistency.graph import Node, Row, compare
from market_research.consistency.label import LABELS, Label
from market_research.projects.shelf import Shelf
from market_research.stores import Stores

pytestmark = pytest.mark.anyio
ADA, BEN, CLEO = (UUID(int=n) for n in (1, 2, 3))
FAULT = Fault("rows without a node", "mend it")
LABEL = LABELS[1]


class Postgres:
    """Has these rows; what is asked for by id is found if it is among them."""

    def __init__(self, *rows: tuple[Any, ...]) -> None:
        self._rows = rows

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["Postgres"]:
        yield self

    @asynccontextmanager
    async def cursor(self, _: str) -> AsyncIterator["Postgres"]:
        yield self

    async def execute(self, _: str, values: Sequence[Any] = ()) -> Any:
        found = [row for row in self._rows if values and row[0] in values[0]]

        async def fetchall() -> list[tuple[Any, ...]]:
            return found

        return SimpleNamespace(fetchall=fetchall)

    async def __aiter__(self) -> AsyncIterator[tuple[Any, ...]]:
        for row in self._rows:
            yield row


class Redis:
    """Has these keys."""

    def __init__(self, *keys: str) -> None:
        self._keys = keys

    async def scan_iter(self, match: str, count: int) -> AsyncIterator[bytes]:
        for key in self._keys:
            if key.startswith(match.rstrip("*")):
                yield key.encode()


def stores(postgres: Postgres, redis: Redis | None = None) -> Stores:
    return cast(Stores, SimpleNamespace(postgres=postgres, redis=redis))


async def stream(items: Iterable[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item


async def compared(
    rows: Iterable[Row], nodes: Iterable[Node], label: Label = LABEL, unsettled: Iterable[Any] = ()
) -> dict[str, tuple[int, list[str]]]:
    async def strangers(ids: Sequence[Any]) -> list[Any]:
        return [one for one in ids if one not in unsettled]

    finding = await compare(label, stream(rows), stream(nodes), strangers)
    return {fault.name: (cases.count, cases.examples) for fault, cases in finding.faults.items()}


def row(one: Any, *ends: str, settled: bool = True) -> Row:
    return Row(one, settled, list(ends))


def test_each_label_of_the_graph_is_compared() -> None:
    assert sorted(label.name for label in LABELS) == sorted(shape.LABELS)


async def test_both_sides_are_brought_together_by_id_wherever_they_differ() -> None:
    rows, nodes = [row(2), row(3), row(5), row(9)], [Node(one, []) for one in (1, 3, 4, 5, 10, 11)]
    assert await compared(rows, nodes) == {
        "nodes without a row": (4, ["1", "4", "10", "11"]),
        "rows without a node": (2, ["2", "9"]),
    }


@pytest.mark.parametrize("ends", [["IN b"], [], ["IN a", "IN b"], ["IN a", "IN a"]])
async def test_relationships_that_are_not_what_the_row_says_are_told(ends: list[str]) -> None:
    assert await compared([row(1, "IN a")], [Node(1, ends)]) == {"nodes with other relationships": (1, ["1"])}


async def test_the_order_of_relationships_says_nothing() -> None:
    assert await compared([row(1, "GAVE a", "MENTIONS b")], [Node(1, ["MENTIONS b", "GAVE a"])]) == {}


async def test_what_belongs_to_unsettled_focus_groups_is_no_difference() -> None:
    rows = [row(1, settled=False), row(2, "IN a", settled=False)]
    assert await compared(rows, [Node(2, []), Node(3, [])], unsettled=[3]) == {}


async def test_more_strangers_than_a_page_are_all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "PAGE", 3)
    assert (await compared([], [Node(one, []) for one in range(7)]))["nodes without a row"][0] == 7


async def test_words_that_somebody_said_are_no_examples() -> None:
    themes = next(label for label in LABELS if label.name == "Theme")
    assert await compared([], [Node("Ada's divorce", [])], label=themes) == {"nodes without a row": (1, [])}


async def looked(monkeypatch: pytest.MonkeyPatch, *, different: Sequence[bool], moments: Sequence[int]) -> Finding:
    """What comes of looking until nothing moved."""
    outcomes, times = iter(different), iter(moments)

    async def look() -> list[Finding]:
        finding = Finding("sessions")
        if next(outcomes):
            finding.note(FAULT)
        return [finding]

    async def now(_: Stores) -> int:
        return next(times)

    monkeypatch.setattr(moment, "_moment", now)
    (finding,) = await moment.still(stores(Postgres()), look)
    return finding


async def test_a_difference_while_the_api_wrote_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not (await looked(monkeypatch, different=[True, False], moments=[1, 2, 2])).faults


async def test_a_difference_while_nothing_was_written_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await looked(monkeypatch, different=[True], moments=[1, 1])
    assert (bool(found.faults), found.moving) == (True, False)


async def test_looking_ends_when_the_api_never_stops_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await looked(monkeypatch, different=[True] * 3, moments=range(6))
    assert found.line().endswith("written to meanwhile: look again")


async def test_files_and_rows_are_compared_both_ways_with_sizes(tmp_path: Path) -> None:
    for name in (ADA.hex, BEN.hex, "Letter of Dora", f"{CLEO.hex}.part"):
        (tmp_path / name).write_bytes(b"four")
    (found,) = await uploads.look(stores(Postgres((ADA, 5), (CLEO, 4))), Shelf(tmp_path))
    assert found.counts == {"rows": 2, "files": 3}
    assert {fault.name: (cases.count, cases.examples) for fault, cases in found.faults.items()} == {
        "files without a row": (2, [str(BEN)]),
        "files of another size": (1, [str(ADA)]),
        "rows without a file": (1, [str(CLEO)]),
    }


async def test_sessions_are_told_by_their_account_and_each_account_once() -> None:
    keys = [f"sessions:{one.hex}" for one in (BEN, ADA, BEN)]
    (found,) = await sessions.look(stores(Postgres((ADA,)), Redis("analysis:1", *keys)))
    assert found.line() == f"sessions: accounts 2; accounts that do not exist 1 ({BEN})"
