"""Which models a process asks, by its settings."""

import asyncio
from pathlib import Path

import pytest
from market_research.llm.llm import Llm
from market_research.settings import Passwords, Settings

from tests.llm_api import KEY

ENVIRONMENT = {
    "POSTGRES_URL": "postgresql://app@postgres:5432/market_research",
    "REDIS_URL": "redis://app@redis:6379/0",
    "NEO4J_URL": "bolt://neo4j@neo4j:7687",
    "LLM_URL": "https://llm.example/v1",
    "LLM_MODEL": "big-model",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def passwords(tmp_path: Path) -> Passwords:
    for name in ("postgres_password", "redis_password", "neo4j_password"):
        (tmp_path / name).write_text("x")
    (tmp_path / "llm_api_key").write_text(KEY)
    return Passwords.load(tmp_path)


def test_everything_is_offline_without_an_address(passwords: Passwords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLM_URL")
    monkeypatch.setenv("EMBEDDING_MODEL", "big-embedder")
    llm = Llm.at(Settings.load(), passwords)
    assert (llm.model.name, llm.embedder.name) == ("offline", "offline-384-v1")
    asyncio.run(llm.aclose())


def test_an_address_brings_its_model_and_without_an_embedding_model_vectors_stay_offline(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    llm = Llm.at(Settings.load(), passwords)
    assert (llm.model.name, llm.embedder.name) == ("big-model", "offline-384-v1")
    assert KEY not in repr(llm)
    monkeypatch.setenv("EMBEDDING_MODEL", "big-embedder")
    assert Llm.at(Settings.load(), passwords).embedder.name == "big-embedder"
    asyncio.run(llm.aclose())


def test_the_surroundings_do_not_decide_through_which_proxy_the_api_is_asked(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://no.proxy")
    asyncio.run(Llm.at(Settings.load(), passwords).aclose())
