"""An OpenAI-compatible API that answers from a script."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from market_research.llm import endpoint
from market_research.llm.chat import ChatModel
from market_research.llm.embeddings import RemoteEmbedder
from market_research.llm.endpoint import Endpoint
from market_research.llm.model import DIMENSIONS, LlmError, Profile

KEY = "sk-hunter2"
SECRET_TOPIC = "a launch nobody may hear of"
PROFILE = Profile(name="Ada Rossi", age=40, occupation="dentist", location="Turin", description="Likes long walks.")
GOOD = {"text": "I like it.", "themes": [{"theme": "Price", "stance": "positive"}]}


class Api:
    """Answers one after the other from a script, the last one for ever; keeps what it was asked, and never waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.script: list[httpx.Response | Exception] = []
        self.asked: list[httpx.Request] = []
        self.pauses: list[float] = []
        monkeypatch.setattr(endpoint, "sleep", self._pause)
        door = Endpoint("https://llm.example:8443/v1", KEY, httpx.MockTransport(self.answer))
        self.model = ChatModel(door, "big-model")
        self.embedder = RemoteEmbedder(door, "big-embedder")

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def body(self, number: int) -> Any:
        return json.loads(self.asked[number].content)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


def says(content: object, usage: tuple[int, int] | None = (100, 20)) -> httpx.Response:
    text = content if isinstance(content, str) else json.dumps(content)
    counted = {"usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1]}} if usage else {}
    return httpx.Response(200, json={"choices": [{"message": {"role": "assistant", "content": text}}], **counted})


def person(name: str) -> dict[str, object]:
    return PROFILE.model_dump() | {"name": name}


def vectors(count: int, length: int = DIMENSIONS) -> httpx.Response:
    data = [{"index": index, "embedding": [float(index + 1)] + [0.5] * (length - 1)} for index in range(count)]
    return httpx.Response(200, json={"data": data[::-1], "usage": {"prompt_tokens": 7, "total_tokens": 7}})


async def refusal(call: Callable[[], Any]) -> LlmError:
    """The error of a call; whatever it is, it tells no secret, nor does what led to it."""
    with pytest.raises(LlmError) as caught:
        await call()
    error = caught.value
    assert str(error).endswith(".")
    assert "llm.example:8443" in str(error)
    assert error.__suppress_context__ or error.__context__ is None
    for secret in (KEY, SECRET_TOPIC, "body of the answer"):
        assert secret not in str(error)
    return error


async def ask(model: ChatModel) -> Any:
    return await model.opinion(PROFILE, SECRET_TOPIC, "What do you think?", None)
