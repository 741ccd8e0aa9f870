"""Language models that are watched: what each call took in time, tokens and money, and whether it was answered."""

import asyncio
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from market_research.llm.model import Embedder, Known, LlmError, Model, Opinion, Profile, Reply, Tokens, Vector
from market_research.llm.prices import Prices
from market_research.telemetry.metrics import CALL_SECONDS, COST, TOKENS
from market_research.telemetry.tracing import span

Answered = TypeVar("Answered")

CANCELLED = "cancelled"
"""Nobody waits for the answer any longer, or this process stops."""
OTHER = "_OTHER"
"""OpenTelemetry's word for what has no name of its own."""


@dataclass(frozen=True)
class Observer:
    """Counts the calls of one model; one without a price costs nothing."""

    model: str
    prices: Prices = field(default_factory=dict)

    async def __call__(self, operation: str, call: Awaitable[Reply[Answered]]) -> Reply[Answered]:
        """What the call answers. Raises what it raises, counted with the tokens that it took."""
        begun, failure, tokens = time.perf_counter(), "", Tokens()
        named = {"gen_ai.operation.name": operation, "gen_ai.request.model": self.model}
        with span(f"{operation} {self.model}", named) as current:
            try:
                reply = await call
                tokens = reply.tokens
                return reply
            except BaseException as error:
                failure = _kind(error)
                tokens = error.tokens if isinstance(error, LlmError) else tokens
                raise
            finally:
                CALL_SECONDS.labels(operation, self.model, failure).observe(time.perf_counter() - begun)
                self._spent(operation, tokens)
                current.set_attribute("gen_ai.usage.input_tokens", tokens.input)
                current.set_attribute("gen_ai.usage.output_tokens", tokens.output)

    def _spent(self, operation: str, tokens: Tokens) -> None:
        TOKENS.labels(operation, self.model, "input").observe(tokens.input)
        TOKENS.labels(operation, self.model, "output").observe(tokens.output)
        price = self.prices.get(self.model)
        COST.labels(self.model).inc(price.of(tokens) if price else 0)


def _kind(error: BaseException) -> str:
    """One of a few words: each is a series in Prometheus, for every model and operation."""
    if isinstance(error, LlmError):
        return error.failure
    return CANCELLED if isinstance(error, asyncio.CancelledError) else OTHER


class ObservedModel:
    """A model whose calls are counted."""

    def __init__(self, model: Model, prices: Prices) -> None:
        self._model = model
        self._observed = Observer(model.name, prices)

    @property
    def name(self) -> str:
        return self._model.name

    async def personas(self, audience: str, count: int, known: Known) -> Reply[list[Profile]]:
        """As the model's."""
        return await self._observed("personas", self._model.personas(audience, count, known))

    async def opinion(self, profile: Profile, topic: str, question: str, material: str | None) -> Reply[Opinion]:
        """As the model's."""
        return await self._observed("opinion", self._model.opinion(profile, topic, question, material))


class ObservedEmbedder:
    """An embedder whose calls are counted."""

    def __init__(self, embedder: Embedder, prices: Prices) -> None:
        self._embedder = embedder
        self._observed = Observer(embedder.name, prices)

    @property
    def name(self) -> str:
        return self._embedder.name

    async def embed(self, texts: Sequence[str]) -> Reply[list[Vector]]:
        """As the embedder's."""
        return await self._observed("embeddings", self._embedder.embed(texts))
