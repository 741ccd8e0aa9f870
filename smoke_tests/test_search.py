"""Personas are found by what they mean, asked in other words than those that describe them."""

from collections.abc import Iterable
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
    found = most_similar(person, pair.query, ids)
    similarities = [one["similarity"] for one in found]
    assert similarities == sorted(similarities, reverse=True), "the most similar personas must come first"
    first = next(ids[one["id"]] for one in found if one["id"] in ids)
    assert first == pair.who, f"{pair.query!r} must find {pair.who} before the other nineteen, not {first}"


def most_similar(person: Person, query: str, ids: Iterable[str]) -> list[Any]:
    """The most similar personas first: page by page, until one of those with these IDs is among them."""
    found: list[Any] = []
    while not {one["id"] for one in found} & set(ids):
        page = person.get(f"/api/personas?{urlencode({'query': query, 'limit': PAGE, 'offset': len(found)})}")
        assert page.status == 200, f"a search must be answered, but: {page.status} {page.text}"
        assert page.json["items"], f"a search must find all personas in the end, but after {len(found)} came no more"
        found.extend(page.json["items"])
    return found
