"""How long people wait for the language model, and what of their searches is remembered."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import anyio
import pytest
from market_research.accounts.account import Account
from market_research.llm.llm import Llm
from market_research.llm.model import Embedder, Known, LlmError, Reply, Vector
from market_research.llm.offline import OfflineModel
from market_research.llm.offline_embedder import OfflineEmbedder, vector
from market_research.personas import persona, routes, search
from market_research.stores import Stores

from tests.memory import Memory

pytestmark = pytest.mark.anyio
WANTED = routes.Audience(audience="cyclists", count=2)
MEMBER = cast(Account, None)


@dataclass
class Ledger:
    """As much of PostgreSQL as takes down what was used: model, whether cached, tokens."""

    rows: list[tuple[str, bool, int]] = field(default_factory=list)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator["Ledger"]:
        yield self

    async def execute(self, _: str, values: Sequence[Any]) -> None:
        _project, model, cached, tokens, _output = values
        self.rows.append((model, bool(cached), tokens))


class Slow(OfflineEmbedder):
    """Takes its time; knows how often it was asked."""

    def __init__(self, seconds: float = 0) -> None:
        self.asked = 0
        self._seconds = seconds

    async def embed(self, texts: Sequence[str]) -> Reply[list[Vector]]:
        self.asked += 1
        await anyio.sleep(self._seconds)
        return await super().embed(texts)


class Hesitant(OfflineModel):
    """Invents people half a second later."""

    async def personas(self, *asked: Any) -> Any:
        await anyio.sleep(0.5)
        return await super().personas(*asked)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def stores(ledger: Ledger, memory: Memory) -> Stores:
    return cast(Stores, SimpleNamespace(postgres=ledger, redis=memory))


@pytest.fixture
def _nobody_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(_: object) -> Known:
        return Known()

    monkeypatch.setattr(persona, "known", nobody)


@pytest.mark.usefixtures("_nobody_yet")
async def test_inventing_people_and_their_vectors_together_have_one_time(
    stores: Stores, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "GENERATION_SECONDS", 0.8)
    with pytest.raises(LlmError, match=r"was not done within 0\.8 seconds\.$"):
        await routes.generate(MEMBER, WANTED, stores, Llm(Hesitant(), Slow(0.5)))
    assert [model for model, _, _ in ledger.rows] == ["offline"], "what was spent by then is counted"


def test_the_proxy_in_front_is_not_kept_waiting_until_it_gives_up() -> None:
    assert routes.GENERATION_SECONDS <= 60
    assert search.SECONDS <= 10


async def test_a_search_and_a_persona_written_by_hand_wait_shortly(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SECONDS", 0.05)
    ada = routes.NewPersona.model_validate(routes.ADA)
    with pytest.raises(LlmError, match="not done"):
        await search.vector("nurse", stores, Slow(9))
    with pytest.raises(LlmError, match="not done"):
        await routes.write(MEMBER, ada, stores, Llm(OfflineModel(), Slow(9)))


async def test_the_same_search_asks_the_embedder_once_a_day_and_is_counted_as_cached(
    stores: Stores, ledger: Ledger, memory: Memory
) -> None:
    embedder = Slow()
    found = [await search.vector("a nurse", stores, embedder) for _ in range(2)]
    assert found == [vector("a nurse")] * 2
    assert embedder.asked == 1
    assert ledger.rows == [(embedder.name, False, 2), (embedder.name, True, 0)]
    assert list(memory.lifetimes.values()) == [86400]


async def test_other_words_and_another_embedder_are_another_search(stores: Stores) -> None:
    one, other = Slow(), Slow()
    other.name = "another"
    for embedder in (one, other):
        for query in ("a nurse", "a cook"):
            await search.vector(query, stores, cast(Embedder, embedder))
    assert (one.asked, other.asked) == (2, 2)


@pytest.mark.parametrize("trouble", ["away", "short"])
async def test_a_cache_that_is_no_help_does_not_hinder_a_search(stores: Stores, memory: Memory, trouble: str) -> None:
    embedder = Slow()
    await search.vector("a nurse", stores, embedder)
    memory.away = trouble == "away"
    memory.entries = dict.fromkeys(memory.entries, '{"vector": [1.0]}')
    assert await search.vector("a nurse", stores, embedder) == vector("a nurse")
    assert embedder.asked == 2
