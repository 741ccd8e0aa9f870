"""How kinds of people look at things: those of one age and one line of work mostly agree, and not with the others."""

from dataclasses import dataclass
from hashlib import blake2b
from random import Random

from market_research.llm.lexicon import concepts
from market_research.llm.model import Profile, Stance
from market_research.llm.people import OCCUPATIONS, RETIRED, STUDY
from market_research.llm.words import words

STANCES: tuple[Stance, ...] = ("negative", "neutral", "positive")
YOUNG, OLD = 35, 60
# The weight of a person's line of work and age; what else makes a person weighs up to TEMPERAMENT.
WORK, AGE, TEMPERAMENT = 2.0, 1.2, 3.0
# How often a topic turns what a kind of people thinks of a theme, and how often somebody thinks otherwise.
TURNED, ALONE = 0.2, 0.12


@dataclass(frozen=True)
class Outlook:
    """What a kind of people likes, shrugs off and doubts, the lines of work and ages they have, and their habits."""

    likes: tuple[str, ...]
    shrugs_off: tuple[str, ...]
    doubts: tuple[str, ...]
    lines: tuple[str, ...]
    ages: range
    traits: tuple[str, ...]

    @property
    def cares(self) -> tuple[str, ...]:
        """The themes that people of this kind bring up by themselves."""
        return self.likes + self.shrugs_off + self.doubts

    def stance(self, topic: str, theme: str) -> Stance:
        """What people of this kind think of a theme when they hear the topic."""
        about = chance("stance", *self.cares, topic, theme)
        if theme not in self.cares or about.random() < TURNED:
            return about.choice(STANCES)
        return "positive" if theme in self.likes else "negative" if theme in self.doubts else "neutral"


THRIFTY = Outlook(
    likes=("durability", "service"),
    shrugs_off=("quality",),
    doubts=("price", "brand"),
    lines=("trade", "service"),
    ages=range(YOUNG, OLD),
    traits=("compares prices before every purchase", "repairs what others throw away", "plans the budget to the cent"),
)
GREEN = Outlook(
    likes=("sustainability", "health", "taste"),
    shrugs_off=("price",),
    doubts=("trust", "brand"),
    lines=("care", "arts", STUDY),
    ages=range(OLD),
    traits=("asks where things come from", "avoids plastic and buys organic", "borrows and shares before buying"),
)
KEEN = Outlook(
    likes=("novelty", "design", "convenience", "quality"),
    shrugs_off=("privacy",),
    doubts=(),
    lines=("tech", "office", STUDY),
    ages=range(YOUNG),
    traits=("is the first among friends to try a gadget", "orders nearly everything online", "values time over money"),
)
CAREFUL = Outlook(
    likes=("service",),
    shrugs_off=("design",),
    doubts=("trust", "safety", "privacy", "novelty"),
    lines=("office", RETIRED),
    ages=range(OLD, 101),
    traits=("sticks to shops that proved good", "reads the small print", "wants a person to talk to and not an app"),
)
OUTLOOKS = (THRIFTY, GREEN, KEEN, CAREFUL)


def chance(*parts: str) -> Random:
    """Dice that fall the same way for the same parts, in every process."""
    seed = blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return Random(int.from_bytes(seed, "big"))  # noqa: S311 - people are made up here, no secrets


def outlook(profile: Profile) -> Outlook:
    """How this person looks at things."""
    line = _line(profile)
    dice = chance("temperament", profile.name, profile.location)
    weights = [
        (line in one.lines) * WORK + (profile.age in one.ages) * AGE + dice.random() * TEMPERAMENT for one in OUTLOOKS
    ]
    return OUTLOOKS[weights.index(max(weights))]


def _line(profile: Profile) -> str:
    """The line of work: the one whose occupations have most in common with the person's; by age where none has."""
    mine = _marks(profile.occupation)
    common = {line: len(mine & marks) for line, marks in _LINES.items()}
    best = max(common, key=lambda line: common[line])
    if common[best]:
        return best
    return RETIRED if profile.age >= OLD else STUDY if profile.age < YOUNG else ""


def _marks(text: str) -> frozenset[str]:
    stems = words(text)
    return frozenset(stems) | {f"concept {concept}" for concept, _ in concepts(stems)}


_LINES = {line: _marks(" ".join(titles)) for line, titles in OCCUPATIONS.items()}
