"""Personas are found by what they mean, asked in other words than those that describe them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from smoke_tests.near_pairs import NEAR_PAIRS, NearPair
from smoke_tests.person import Person

PAGE = 100


@pytest.fixture(scope="module")
def ids(person: Person) -> dict[str, str]:
    """The twenty people by their IDs."""
    return {person.make("/api/personas", pair.persona)["id"]: pair.who for pair in NEAR_PAIRS}


@pytest.mark.parametrize("pair", NEAR_PAIRS, ids=lambda pair: pair.query)
def test_who_is_meant_is_found_first(person: Person, ids: dict[str, str], pair: NearPair) -> None:
    similarities = []
    for found in found_by(person, pair.query):
        similarities.append(found["similarity"])
        if found["id"] in ids:
            break
    assert similarities == sorted(similarities, reverse=True), "the most similar personas must come first"
    first = ids.get(found["id"])
    assert first == pair.who, f"{pair.query!r} must find {pair.who} before the other nineteen, not {first}"


def found_by(person: Person, query: str) -> Iterator[Any]:
    """All personas, the most similar first."""
    total, offset = 1, 0
    while offset < total:
        page = person.get(f"/api/personas?{urlencode({'query': query, 'limit': PAGE, 'offset': offset})}")
        assert page.status == 200, f"a search must be answered, but: {page.status} {page.text}"
        yield from page.json["items"]
        total, offset = page.json["total"], offset + PAGE
