"""The language models that this process asks."""

from dataclasses import dataclass

from market_research.llm.chat import ChatModel
from market_research.llm.embeddings import RemoteEmbedder
from market_research.llm.endpoint import Endpoint
from market_research.llm.model import Embedder, Model
from market_research.llm.observed import ObservedEmbedder, ObservedModel
from market_research.llm.offline import OfflineModel
from market_research.llm.offline_embedder import OfflineEmbedder
from market_research.settings import Passwords, Settings


@dataclass(frozen=True)
class Llm:
    """Who speaks for personas, and who turns texts into vectors."""

    model: Model
    embedder: Embedder
    endpoint: Endpoint | None = None

    @classmethod
    def at(cls, settings: Settings, passwords: Passwords) -> "Llm":
        """The models that the settings name, nothing is asked yet; whatever is not named works offline."""
        if not (settings.llm_url and settings.llm_model):
            return cls.offline()
        endpoint = Endpoint.at(settings.llm_url, passwords.llm_key, private=settings.llm_private)
        name = settings.embedding_model
        embedder = RemoteEmbedder(endpoint, name) if name else OfflineEmbedder()
        model, prices = ChatModel(endpoint, settings.llm_model), settings.llm_prices
        return cls(ObservedModel(model, prices), ObservedEmbedder(embedder, prices), endpoint)

    @classmethod
    def offline(cls) -> "Llm":
        """Those that need no network."""
        return cls(ObservedModel(OfflineModel(), {}), ObservedEmbedder(OfflineEmbedder(), {}))

    async def aclose(self) -> None:
        """Let go of connections."""
        if self.endpoint is not None:
            await self.endpoint.aclose()
