"""What a language model is asked for and what it answers, whichever one it is."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, Literal, Protocol, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

DIMENSIONS = 384
OPINION_LENGTH = 1200
THEME_LENGTH = 40
MOST_THEMES = 4
# Seconds after which asking again is worth while, where nobody says better.
RETRY_AFTER = 30

Stance = Literal["positive", "neutral", "negative"]
Failure = Literal[
    "timeout", "connection", "address", "certificate", "http_429", "http_4xx", "http_5xx", "http_other", "malformed"
]
"""Why there is no answer; `malformed` is one that cannot be understood, `address` one that is not allowed."""
# Of length 1, so that the inner product of two is their cosine.
Vector = list[float]

T_co = TypeVar("T_co", covariant=True)

# What PostgreSQL cannot keep or UTF-8 not write: NUL and its like, and halves of surrogate pairs.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(text: str) -> str:
    """The text without what cannot be stored and without space around it."""
    return _UNSTORABLE.sub("", text).strip()


def cut(text: str, length: int) -> str:
    """The text, or as much of it as fits, with an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def unit(numbers: Vector) -> Vector:
    """The same direction with length 1; a vector of zeros has none and stays."""
    length = math.sqrt(sum(number * number for number in numbers)) or 1.0
    return [number / length for number in numbers]


def _prose(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


def _line(value: object) -> object:
    return " ".join(clean(value).split()) if isinstance(value, str) else value


def _theme(value: object) -> object:
    line = _line(value)
    return line.lower()[:THEME_LENGTH].strip() if isinstance(line, str) else line


def _word(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Prose = Annotated[str, BeforeValidator(_prose)]
Line = Annotated[str, BeforeValidator(_line)]


class Profile(BaseModel):
    """A person as a model knows one; text is cleaned, a bound that is broken is a mistake."""

    model_config = ConfigDict(frozen=True)

    name: Line = Field(min_length=1, max_length=120)
    age: int = Field(ge=18, le=100)
    occupation: Line = Field(min_length=1, max_length=120)
    location: Line = Field(min_length=1, max_length=120)
    description: Prose = Field(min_length=1, max_length=1000)


class Mention(BaseModel):
    """A theme that somebody brings up, and how they feel about it."""

    model_config = ConfigDict(frozen=True)

    theme: Annotated[str, BeforeValidator(_theme)] = Field(min_length=1, max_length=THEME_LENGTH)
    stance: Annotated[Stance, BeforeValidator(_word)]


def _distinct(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    first: dict[str, Mention] = {}
    for mention in mentions:
        first.setdefault(mention.theme, mention)
    return tuple(first.values())[:MOST_THEMES]


class Opinion(BaseModel):
    """An answer to a question; only models write it, so what is too long is cut and a theme counts once."""

    model_config = ConfigDict(frozen=True)

    text: Annotated[Prose, AfterValidator(lambda text: cut(text, OPINION_LENGTH))] = Field(min_length=1)
    themes: Annotated[tuple[Mention, ...], AfterValidator(_distinct)] = Field(min_length=1)


@dataclass(frozen=True)
class Tokens:
    """What a model read and wrote; offline models count words."""

    input: int = 0
    output: int = 0

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.input + other.input, self.output + other.output)


@dataclass(frozen=True)
class Reply(Generic[T_co]):
    """What a model answered and what that took."""

    value: T_co
    tokens: Tokens


@dataclass(frozen=True)
class Known:
    """The people there are already: how many, and the names of the newest."""

    count: int = 0
    names: frozenset[str] = frozenset()


NOBODY = Known()


class Model(Protocol):
    """Invents people and speaks for them; every method may raise LlmError."""

    @property
    def name(self) -> str: ...

    async def personas(self, audience: str, count: int, known: Known) -> Reply[list[Profile]]:
        """Exactly `count` people of this audience, other ones than those who are known."""

    async def opinion(self, profile: Profile, topic: str, question: str, material: str | None) -> Reply[Opinion]:
        """What this person says; `material` is what they were shown, in words."""


class Embedder(Protocol):
    """Turns texts into vectors; only those of embedders with the same name can be compared."""

    @property
    def name(self) -> str: ...

    async def embed(self, texts: Sequence[str]) -> Reply[list[Vector]]:
        """One vector of DIMENSIONS numbers for each text, in their order; may raise LlmError."""


class LlmError(Exception):
    """No answer: the text is a sentence for people; asking again is worth while after `retry_after` seconds."""

    def __init__(
        self, failure: Failure, sentence: str, retry_after: int = RETRY_AFTER, tokens: Tokens | None = None
    ) -> None:
        super().__init__(sentence)
        self.failure = failure
        self.retry_after = retry_after
        self.tokens = tokens or Tokens()
