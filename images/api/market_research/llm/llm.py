"""The language models that this process asks."""

from dataclasses import dataclass

from market_research.llm.chat import ChatModel
from market_research.llm.embeddings import RemoteEmbedder
from market_research.llm.endpoint import Endpoint
from market_research.llm.model import Embedder, Model
from market_research.llm.offline import OfflineModel
from market_research.llm.offline_embedder import OfflineEmbedder


@dataclass(frozen=True)
class Llm:
    """Who speaks for personas, and who turns texts into vectors."""

    model: Model
    embedder: Embedder
    endpoint: Endpoint | None = None

    @classmethod
    def at(cls, url: str | None, model: str | None, embedding_model: str | None, key: str | None) -> "Llm":
        """The models at this address, nothing is asked yet; whatever is not named works offline."""
        if not url:
            return cls(OfflineModel(), OfflineEmbedder())
        if not model:
            raise ValueError("LLM_MODEL: not set: name the model to ask at LLM_URL")
        endpoint = Endpoint(url, key)
        embedder = RemoteEmbedder(endpoint, embedding_model) if embedding_model else OfflineEmbedder()
        return cls(ChatModel(endpoint, model), embedder, endpoint)

    async def aclose(self) -> None:
        """Let go of connections."""
        if self.endpoint is not None:
            await self.endpoint.aclose()
