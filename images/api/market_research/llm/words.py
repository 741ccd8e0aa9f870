"""Words of a text, brought down to a common form: small letters, no accents, no endings, no filler."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
_LONG_SIBILANT = re.compile(r"(?:ch|sh|ss|x|z)es$")
_DOUBLED = re.compile(r"([bdgmnprt])\1$")
# An ending goes only if this many letters stay.
_ENDINGS = (("ing", 3), ("er", 4), ("ed", 3), ("ly", 4))
_SHORTEST = 3

# Words that say nothing about what a text is about, and those that every description of a person has.
FILLER = frozenset(
    """
    a about after again all almost along already also always am among an and another any anything are aren
    around as at away be because been before being best better between both but by came can cannot come comes
    could d day days did didn do does doesn doing don down during each either else enough even ever every
    everyone everything few find finds first for from full further gets getting give gives go goes going good
    got great had has hasn have haven having he her here hers him his how i if in into is isn it its itself just
    keep keeps kind know knows last least less let life like likes little ll long look looking looks lot lots
    love loves made make makes making many may maybe me mean might more most much must my near need needs never
    new next no nobody none nor not nothing now of off often old on once one ones only onto or other others our
    out over own part people person prefer prefers put quite rather re really s said same say says see seen
    several she should since so some somebody someone something sometimes soon still such t take takes tell than
    that the their them themselves then there these they thing things think thinks this those though three
    through time to together too towards try two type under until up upon us use used uses using usually ve very
    want wants was wasn way we well went were what when where whether which while who whole whom whose why will
    with within without won would year years yes yet you your
    """.split()  # noqa: SIM905 - a list in quotes would fill a screen
)


def words(text: str) -> list[str]:
    """The words that say what the text is about, as stems, in their order."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [stem(word) for word in _WORD.findall(plain) if word not in FILLER]


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The word without English endings: cheap, and the same for most forms of a word."""
    if len(word) <= _SHORTEST or not word.isascii():
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif _LONG_SIBILANT.search(word):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending, left in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= left:
            word = _DOUBLED.sub(r"\1", word[: -len(ending)])
            break
    return word.removesuffix("e") if len(word) > _SHORTEST else word
