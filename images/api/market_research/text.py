"""Text as people send it and as every store can keep it."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def storable(text: str) -> str:
    """The text itself; ValueError for what neither PostgreSQL nor JSON over UTF-8 can hold."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("must not contain NUL or half of a surrogate pair")
    return text


Storable = AfterValidator(storable)
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), Storable]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Storable]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500), Storable]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), Storable]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=254, pattern=r"^[^@\s\x00]{1,64}@[^@\s\x00]+\.[^@\s\x00]+$"
    ),
    Storable,
]
Token = Annotated[str, StringConstraints(min_length=1, max_length=200), Storable]
