"""Who belongs to an audience: the offline model's people."""

import re
from collections.abc import Container
from itertools import takewhile
from random import Random
from string import ascii_uppercase

from market_research.llm.lexicon import concepts
from market_research.llm.model import Profile, cut
from market_research.llm.outlook import chance, outlook
from market_research.llm.people import AGES, CULTURES, HABITS, OCCUPATIONS, RETIRED, WORKING_AGES
from market_research.llm.words import words

AUDIENCE_LENGTH, PLACE_LENGTH = 200, 60
EVERY_AGE = range(18, 91)
# "25-40", "25 to 40"; "over 60", "60+"; "under 30"; "in Lisbon".
_BETWEEN = re.compile(r"\b(\d\d) ?(?:-|\u2013|to|and) ?(\d\d)\b")
_ABOVE = re.compile(r"\b(?:over|above|from) (\d\d)\b|\b(\d\d) ?\+")
_BELOW = re.compile(r"\b(?:under|below|up to) (\d\d)\b")
_PLACE = re.compile(r"\b(?:in|from) (\w[\w-]+(?: \w[\w-]+)?)")


def person(audience: str, ordinal: int, taken: Container[str]) -> Profile:
    """The person with this number in the audience, whose name is not taken."""
    dice = chance("person", audience, str(ordinal))
    age, occupation = _role(audience, ordinal, dice)
    name, location = _someone(dice)
    while name in taken:
        # The prepared names alone are fewer than the people that one may want.
        name, location = _someone(dice, f" {dice.choice(ascii_uppercase)}.")
    home = _place(audience) or location
    stranger = Profile(name=name, age=age, occupation=occupation, location=home, description="not described yet")
    said = cut(" ".join(audience.split()), AUDIENCE_LENGTH)
    habit, trait = dice.choice(HABITS), dice.choice(outlook(stranger).traits)
    description = f"Belongs to “{said}” and {habit}. {name.split()[0]} {trait}."
    return Profile.model_validate(stranger.model_dump() | {"description": description})


def _someone(dice: Random, initial: str = "") -> tuple[str, str]:
    firsts, lasts, places = dice.choice(CULTURES)
    return f"{dice.choice(firsts)}{initial} {dice.choice(lasts)}", dice.choice(places)


def _role(audience: str, ordinal: int, dice: Random) -> tuple[int, str]:
    """Age and occupation: one that the audience names, else from one line of work after the other."""
    ages = _ages(audience)
    lines = _lines(audience, ages)
    named = {word.removesuffix("s") for word in re.findall(r"\w+", audience.lower())}
    roles = [(line, title) for line in lines for title in OCCUPATIONS[line] if title.split()[-1] in named]
    # Who says nurses does not mean the retired ones, unless these are all there are.
    roles = [role for role in roles if role[0] != RETIRED] or roles
    if not roles:
        chance("lines", audience).shuffle(lines)
        roles = [(line, title) for line in [lines[ordinal % len(lines)]] for title in OCCUPATIONS[line]]
    line, title = dice.choice(roles)
    usual = AGES.get(line, WORKING_AGES)
    fitting = range(max(ages.start, usual.start), min(ages.stop, usual.stop))
    return dice.choice(fitting or ages), title


def _lines(audience: str, ages: range) -> list[str]:
    """The lines of work that such people have: students and retired people where they are meant, else by age."""
    meant = {concept for concept, _ in concepts(words(audience))}
    middle = (ages.start + ages.stop) // 2
    by_age = [line for line in OCCUPATIONS if ages == EVERY_AGE or middle in AGES.get(line, WORKING_AGES)]
    return [line for line in by_age if line in meant] or by_age or list(OCCUPATIONS)


def _ages(audience: str) -> range:
    """The ages that the audience names, as far as they are those of adults; all of them when it names none."""
    text = audience.lower()
    low, high = EVERY_AGE[0], EVERY_AGE[-1]
    if found := _BETWEEN.search(text):
        low, high = sorted((int(found[1]), int(found[2])))
    elif found := _ABOVE.search(text):
        low = int(found[1] or found[2])
    elif found := _BELOW.search(text):
        high = int(found[1])
    return range(max(low, EVERY_AGE[0]), min(high, EVERY_AGE[-1]) + 1) or EVERY_AGE


def _place(audience: str) -> str:
    """The place that the audience names, if any; abbreviations are none."""
    found = _PLACE.search(audience)
    named = takewhile(lambda word: word[0].isupper() and not word.isupper(), found[1].split() if found else ())
    return cut(" ".join(named), PLACE_LENGTH)
