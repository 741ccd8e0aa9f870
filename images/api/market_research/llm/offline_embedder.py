"""The embedder that needs no network: vectors of the forms of words and of everyday concepts."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

from market_research.llm.lexicon import concepts
from market_research.llm.model import DIMENSIONS, Reply, Tokens, Vector, unit
from market_research.llm.words import words

CONCEPT, WORD, PAIR, TRIGRAM = 2.0, 0.7, 0.4, 0.12
# Each feature is spread over so many numbers: two that share one of them are not taken for the same.
PLACES = 8


class OfflineEmbedder:
    """Hashes words, pairs of words, their trigrams and the concepts of a small lexicon into a vector.

    It knows forms of words ("cyclists", "cycling") and everyday English synonyms ("bicycle"), and nothing else: no
    grammar, no negation, no irony, no other language's synonyms. A real embedding model is one setting away
    (EMBEDDING_MODEL). Whoever changes what a text becomes changes the name: stored vectors are of the old kind.
    """

    name = f"offline-{DIMENSIONS}-v1"

    async def embed(self, texts: Sequence[str]) -> Reply[list[Vector]]:
        """The vectors; the same text has the same one for ever."""
        return Reply([vector(text) for text in texts], Tokens(sum(len(text.split()) for text in texts)))


def vector(text: str) -> Vector:
    """One text; a feature that is repeated counts more, but ever less so."""
    numbers = [0.0] * DIMENSIONS
    for (feature, weight), count in Counter(_features(text)).items():
        strength = weight * (1 + math.log(count))
        # A pair of words hardly comes a second time.
        for place, sign in (_places if weight == PAIR else _kept_places)(feature):
            numbers[place] += sign * strength
    return unit(numbers)


def _features(text: str) -> Iterator[tuple[str, float]]:
    stems = words(text)
    for first, second in pairwise(stems):
        yield f"pair {first} {second}", PAIR
    for word in stems:
        yield f"word {word}", WORD
        padded = f"^{word}$"
        for start in range(len(padded) - 2):
            yield f"trigram {padded[start : start + 3]}", TRIGRAM
    for concept, share in concepts(stems):
        yield f"concept {concept}", CONCEPT * share
    if not stems:
        # Without a direction there is no similarity at all, and not a small one.
        yield "nothing", WORD


def _places(feature: str) -> tuple[tuple[int, int], ...]:
    digest = blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=4 * PLACES).digest()
    parts = (int.from_bytes(digest[start : start + 4], "big") for start in range(0, 4 * PLACES, 4))
    return tuple((part % DIMENSIONS, 1 if part >> 31 else -1) for part in parts)


_kept_places = lru_cache(maxsize=10_000)(_places)
