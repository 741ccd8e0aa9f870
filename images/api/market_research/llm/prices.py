"""What tokens cost."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from market_research.llm.model import Tokens

MILLION = 1_000_000


class Price(BaseModel):
    """US dollars for a million tokens that a model reads and writes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input_usd: float = Field(ge=0, allow_inf_nan=False)
    output_usd: float = Field(ge=0, allow_inf_nan=False)

    def of(self, tokens: Tokens) -> float:
        """US dollars."""
        return (tokens.input * self.input_usd + tokens.output * self.output_usd) / MILLION


Prices = Mapping[str, Price]
"""By model."""
