"""What the embedder without a network takes for similar."""

import math
import subprocess
import sys
import time
from pathlib import Path

import pytest
from market_research.llm import lexicon
from market_research.llm.model import DIMENSIONS
from market_research.llm.offline_embedder import OfflineEmbedder, _kept_places, vector
from market_research.llm.words import words

from tests.near_pairs import PAIRS


def similarity(one: str, other: str) -> float:
    return sum(a * b for a, b in zip(vector(one), vector(other), strict=True))


def test_there_are_twenty_near_pairs() -> None:
    assert len(PAIRS) == len({description for _, description in PAIRS}) == 20


@pytest.mark.parametrize(("query", "meant"), PAIRS)
def test_a_query_in_other_words_finds_its_own_description_first(query: str, meant: str) -> None:
    assert max((description for _, description in PAIRS), key=lambda other: similarity(query, other)) == meant


@pytest.mark.parametrize("text", ["cyclist", "", "the of and", "日本語のテキスト", "a\x00b \ud800", "word " * 5000])
def test_every_text_has_a_vector_of_length_one(text: str) -> None:
    numbers = vector(text)
    assert len(numbers) == DIMENSIONS
    assert math.hypot(*numbers) == pytest.approx(1)


def test_forms_and_accents_of_a_word_make_no_difference() -> None:
    assert vector("Teachers baking cakes in Zürich") == vector("teacher baked CAKE, Zurich")


def test_synonyms_are_nearer_than_strangers() -> None:
    assert similarity("bicycle", "cyclist") > 0.5 > similarity("bicycle", "pensioner") + 0.3


def test_two_words_that_mean_something_together_do_not_count_alone() -> None:
    assert lexicon.concepts(words("from the flea market")) == [("secondhand", 1)]
    assert similarity("plant-based dishes", "vegan") > similarity("plant-based dishes", "gardener")


def test_another_process_gives_the_same_vector() -> None:
    code = "from market_research.llm.offline_embedder import vector; print(vector('A nurse in Porto')[:8])"
    other = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": "1"}
    )
    assert other.stdout.strip() == str(vector("A nurse in Porto")[:8])


@pytest.mark.anyio
async def test_vectors_come_in_the_order_of_the_texts_and_tokens_are_words() -> None:
    reply = await OfflineEmbedder().embed(["tea", "a book"])
    assert reply.value == [vector("tea"), vector("a book")]
    assert (reply.tokens.input, reply.tokens.output) == (3, 0)


def test_a_hundred_words_take_no_longer_than_people_notice() -> None:
    text = " ".join(" ".join(description for _, description in PAIRS).split()[:100])
    start = time.process_time()
    for _ in range(10):
        vector(text)
    assert (time.process_time() - start) / 10 < 0.02


def test_pairs_of_words_take_no_place_in_memory() -> None:
    texts = [f"{one} {other}" for one in ("tea", "bicycle", "nurse") for other in ("garden", "phone", "train")]
    for text in texts:
        vector(text)
    kept = _kept_places.cache_info().currsize
    assert vector("garden tea phone bicycle train nurse") != vector("nurse garden bicycle phone tea train")
    assert _kept_places.cache_info().currsize == kept


def test_no_entry_of_the_lexicon_has_words_that_are_left_out_of_texts() -> None:
    entries = Path(lexicon.__file__).with_name("concepts.txt").read_text().split()
    assert [entry for entry in entries if len(words(entry.replace("_", " "))) != entry.count("_") + 1] == []
