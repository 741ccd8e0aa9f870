"""An embedder behind /embeddings."""

from collections.abc import Sequence

from pydantic import BaseModel, FiniteFloat

from market_research.llm.endpoint import Endpoint
from market_research.llm.model import DIMENSIONS, LlmError, Reply, Tokens, Vector, clean, unit
from market_research.llm.tokens import Usage, spent

BATCH = 64


class _Embedding(BaseModel):
    index: int
    embedding: list[FiniteFloat]


class _Embeddings(BaseModel):
    data: list[_Embedding]
    usage: Usage | None = None


class RemoteEmbedder:
    """Asks an API for vectors of DIMENSIONS numbers; a model that has another number of them cannot serve."""

    def __init__(self, endpoint: Endpoint, name: str) -> None:
        self.name = name
        self._endpoint = endpoint

    async def embed(self, texts: Sequence[str]) -> Reply[list[Vector]]:
        """The vectors, asked for in batches."""
        vectors: list[Vector] = []
        total = Tokens()
        for start in range(0, len(texts), BATCH):
            batch = [clean(text) for text in texts[start : start + BATCH]]
            try:
                made, tokens = await self._batch(batch)
            except LlmError as error:
                error.tokens += total
                raise
            vectors += made
            total += tokens
        return Reply(vectors, total)

    async def _batch(self, texts: list[str]) -> tuple[list[Vector], Tokens]:
        body = {"model": self.name, "input": texts, "dimensions": DIMENSIONS}
        answer = await self._endpoint.post("embeddings", body, _Embeddings)
        tokens = spent(answer.usage, sum(map(len, texts)))
        vectors = {item.index: item.embedding for item in answer.data}
        if sorted(vectors) != list(range(len(texts))):
            sentence = f"{self._endpoint.name} was asked for {len(texts)} vectors and gave {len(vectors)}."
            raise LlmError("malformed", sentence, tokens=tokens)
        for vector in vectors.values():
            if len(vector) != DIMENSIONS:
                sentence = (
                    f"{self._endpoint.name} gives vectors of {len(vector)} numbers for {self.name}; {DIMENSIONS} are"
                    " needed: name a model in EMBEDDING_MODEL that can be asked for them."
                )
                raise LlmError("malformed", sentence, tokens=tokens)
        return [unit(vectors[index]) for index in range(len(texts))], tokens
