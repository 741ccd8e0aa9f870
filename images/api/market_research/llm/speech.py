"""What a person says to a question: the offline model's opinions."""

from random import Random

from market_research.llm.lexicon import concepts
from market_research.llm.model import Mention, Opinion, Profile, Stance, cut
from market_research.llm.outlook import ALONE, STANCES, Outlook, chance, outlook
from market_research.llm.themes import THEMES
from market_research.llm.words import words

TOPIC_LENGTH = 100
# How much likelier a theme comes up that the question raises, or that such people care about.
RAISED, CARED = 40, 12
COUNTS = (1, 2, 2, 3)

OPENINGS = (
    "As {occupation}, I look at “{topic}” from the practical side.",
    "“{topic}”: at {age}, I have seen a few things of that kind.",
    "I live in {location}, and “{topic}” is something that we talk about here.",
    "My honest first thought about “{topic}” is this.",
)
SHOWN = "I have “{material}” before my eyes as I say this."
CLOSINGS = {
    "positive": ("I would try it.", "Yes, I can see myself with it."),
    "neutral": ("I would want to know more.", "I am in two minds."),
    "negative": ("As it is, it is not for me.", "Somebody would have to convince me."),
}


def opinion(profile: Profile, topic: str, question: str, material: str | None) -> Opinion:
    """A sentence for each of one to three themes: what the question raises and what such people care about."""
    dice = chance("opinion", profile.model_dump_json(), topic, question, material or "")
    kind = outlook(profile)
    themes = _themes(kind, question, f"{topic} {question} {material or ''}", dice)
    mentions = [Mention(theme=theme, stance=_stance(kind, topic, theme, dice)) for theme in themes]
    sentences = [dice.choice(THEMES[mention.theme].sentences(mention.stance)) for mention in mentions]
    balance = sum(STANCES.index(mention.stance) - 1 for mention in mentions)
    closing = dice.choice(CLOSINGS["positive" if balance > 0 else "negative" if balance < 0 else "neutral"])
    shown = [SHOWN.format(material=_quoted(material))] if material else []
    return Opinion(text=" ".join([_opening(profile, topic, dice), *shown, *sentences, closing]), themes=tuple(mentions))


def _themes(kind: Outlook, question: str, asked: str, dice: Random) -> list[str]:
    meant = {concept for concept, _ in concepts(words(asked))}
    raised = set(words(question))
    lots = {}
    for name, theme in THEMES.items():
        if not theme.topics or theme.topics & meant:
            weight = CARED if name in kind.cares else 1
            weight *= RAISED if raised & set(words(theme.raised_by)) else 1
            lots[name] = dice.random() ** (1 / weight)
    return sorted(lots, key=lambda name: -lots[name])[: dice.choice(COUNTS)]


def _stance(kind: Outlook, topic: str, theme: str, dice: Random) -> Stance:
    return dice.choice(STANCES) if dice.random() < ALONE else kind.stance(topic, theme)


def _opening(profile: Profile, topic: str, dice: Random) -> str:
    job = profile.occupation
    job = job if job[:2].isupper() else job[0].lower() + job[1:]
    article = "an" if job[0].lower() in "aeiou" else "a"
    return dice.choice(OPENINGS).format(
        occupation=f"{article} {job}", age=profile.age, location=profile.location, topic=_quoted(topic)
    )


def _quoted(text: str) -> str:
    return cut(" ".join(text.split()), TOPIC_LENGTH)
