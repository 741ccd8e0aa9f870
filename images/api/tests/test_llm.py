"""Which models a process asks, by its settings."""

import asyncio

import pytest
from market_research.llm.llm import Llm

from tests.llm_api import KEY


def test_everything_is_offline_without_an_address() -> None:
    llm = Llm.at(None, "gpt", "embedding", "key")
    assert (llm.model.name, llm.embedder.name) == ("offline", "offline-384-v1")
    asyncio.run(llm.aclose())


def test_an_address_brings_its_model_and_without_an_embedding_model_vectors_stay_offline() -> None:
    llm = Llm.at("https://llm.example/v1", "big-model", None, KEY)
    assert (llm.model.name, llm.embedder.name) == ("big-model", "offline-384-v1")
    assert Llm.at("https://llm.example/v1", "big-model", "big-embedder", None).embedder.name == "big-embedder"
    assert KEY not in repr(llm)
    asyncio.run(llm.aclose())


def test_an_address_without_a_model_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="LLM_MODEL: not set"):
        Llm.at("https://llm.example/v1", None, None, KEY)


@pytest.mark.parametrize("key", ["two\nlines", "kłucz"])
def test_a_key_that_cannot_be_sent_is_a_mistake_that_does_not_repeat_it(key: str) -> None:
    with pytest.raises(ValueError, match="llm_api_key") as caught:
        Llm.at("https://llm.example/v1", "big-model", None, key)
    assert key not in str(caught.value)


def test_the_surroundings_do_not_decide_through_which_proxy_the_api_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://no.proxy")
    asyncio.run(Llm.at("https://llm.example/v1", "big-model", None, KEY).aclose())
