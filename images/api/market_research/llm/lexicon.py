"""Everyday concepts and words for them, so that texts meet that say the same in other words."""

import math
from itertools import pairwise
from pathlib import Path

from market_research.llm.words import words


def _entries() -> dict[str, tuple[str, ...]]:
    """For each stem, or two stems with a space between, the concepts that it stands for.

    In concepts.txt each line is a concept and its first word the name; a word may belong to several, and
    `two_words` are one entry.
    """
    entries: dict[str, tuple[str, ...]] = {}
    for line in Path(__file__).with_name("concepts.txt").read_text().splitlines():
        members = line.split()
        for stems in (words(member.replace("_", " ")) for member in members):
            entry = " ".join(stems)
            entries[entry] = tuple(dict.fromkeys((*entries.get(entry, ()), members[0])))
    return entries


_ENTRIES = _entries()


def concepts(stems: list[str]) -> list[tuple[str, float]]:
    """The concepts that these words stand for, two words before one; a share of one where a word has several."""
    found: list[tuple[str, float]] = []
    rest = iter(pairwise([*stems, ""]))
    for first, second in rest:
        pair = _ENTRIES.get(f"{first} {second}", ())
        meanings = pair or _ENTRIES.get(first, ())
        found += [(concept, 1 / math.sqrt(len(meanings))) for concept in meanings]
        if pair:
            next(rest, None)
    return found
