"""Tokens as an OpenAI-compatible API counts them."""

from pydantic import BaseModel

from market_research.llm.model import Tokens

LETTERS_PER_TOKEN = 4


class Usage(BaseModel):
    """What one call took."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


def spent(usage: Usage | None, asked: int, answered: int = 0) -> Tokens:
    """The tokens of a call, estimated from the letters asked and answered when the API does not count."""
    if usage is None:
        return Tokens(asked // LETTERS_PER_TOKEN, answered // LETTERS_PER_TOKEN)
    return Tokens(usage.prompt_tokens, usage.completion_tokens)
