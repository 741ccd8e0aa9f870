"""What an embedding model is asked, and what is made of its vectors."""

import math

import httpx
import pytest
from market_research.llm.model import DIMENSIONS, Tokens

from tests.llm_api import Api, refusal, vectors

pytestmark = pytest.mark.anyio


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    return Api(monkeypatch)


async def test_vectors_come_in_the_order_of_the_texts_with_length_one(api: Api) -> None:
    api.script = [vectors(3)]
    reply = await api.embedder.embed(["a", "b\ud800", "c"])
    assert api.body(0) == {"model": "big-embedder", "input": ["a", "b", "c"], "dimensions": DIMENSIONS}
    assert [vector[0] / vector[1] for vector in reply.value] == pytest.approx([2, 4, 6])
    assert [math.hypot(*vector) for vector in reply.value] == pytest.approx([1, 1, 1])
    assert reply.tokens == Tokens(7, 0)


async def test_many_texts_are_asked_for_in_batches(api: Api) -> None:
    api.script = [vectors(64), vectors(64), vectors(2)]
    reply = await api.embedder.embed([f"text {number}" for number in range(130)])
    assert [len(api.body(number)["input"]) for number in range(3)] == [64, 64, 2]
    assert (len(reply.value), reply.tokens) == (130, Tokens(21, 0))


async def test_no_texts_cost_nothing(api: Api) -> None:
    assert (await api.embedder.embed([])).value == []
    assert api.asked == []


async def test_vectors_of_another_length_name_the_model_and_both_numbers(api: Api) -> None:
    api.script = [vectors(64), vectors(1, 1536)]
    error = await refusal(lambda: api.embedder.embed(["text"] * 65))
    assert all(part in str(error) for part in ("big-embedder", "1536", str(DIMENSIONS), "EMBEDDING_MODEL"))
    assert error.tokens == Tokens(14, 0)


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_another_number_of_vectors_than_texts_is_an_error(api: Api, count: int) -> None:
    api.script = [vectors(count)]
    assert f"asked for 2 vectors and gave {count}" in str(await refusal(lambda: api.embedder.embed(["a", "b"])))


@pytest.mark.parametrize("number", ["NaN", "Infinity", '"one"', "null"])
async def test_vectors_of_something_else_than_numbers_are_an_error(api: Api, number: str) -> None:
    content = '{"data": [{"index": 0, "embedding": [' + ",".join([number] * DIMENSIONS) + "]}]}"
    api.script = [httpx.Response(200, text=content)]
    await refusal(lambda: api.embedder.embed(["a"]))
