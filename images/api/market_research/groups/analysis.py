"""The findings of a focus group: what the graph says of it, with what was said in its own words."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from uuid import UUID

from pydantic import BaseModel

from market_research.cache import remember, remembered
from market_research.groups.group import Group
from market_research.groups.opinions import opinions
from market_research.llm.model import Stance
from market_research.stores import Stores

MOST_QUOTES = 3
CACHED_SECONDS = 24 * 3600


class Seat(BaseModel):
    """A participant and the community of opinion that they belong to; communities count from 0, the largest first."""

    id: UUID
    name: str
    community: int


class Quote(BaseModel):
    """Words in which a theme came up."""

    participant_id: UUID
    participant: str
    text: str
    stance: Stance


class Theme(BaseModel):
    """A theme with its centrality (1 for the most central one) and how people feel about it."""

    theme: str
    score: float
    mentions: int
    positive: int
    neutral: int
    negative: int
    quotes: list[Quote]


class Mentions(BaseModel):
    """How often somebody brought a theme up in this way."""

    participant_id: UUID
    theme: str
    stance: Stance
    count: int


class Community(BaseModel):
    """People who think alike, and the themes on which most of them agree."""

    id: int
    participants: list[UUID]
    themes: list[str]


class Analysis(BaseModel):
    """A focus group as a graph."""

    participants: list[Seat]
    themes: list[Theme]
    mentions: list[Mentions]
    communities: list[Community]


async def known(stores: Stores, group_id: UUID) -> Analysis | None:
    """The findings that the cache has."""
    return await remembered(stores.redis, _key(group_id), Analysis)


async def analyse(stores: Stores, group: Group) -> Analysis:
    """Ask Graph Data Science for communities and centrality; what was said comes from the group itself.

    The outcome is cached if the cache takes it; Neo4j's errors are the driver's.
    """
    found = await opinions(stores.neo4j, group.id)
    seat_of = {one: number for number, people in enumerate(found.communities) for one in people}
    alone = len(found.communities)
    analysis = Analysis(
        participants=[
            Seat(id=one.id, name=one.persona.name, community=seat_of.get(one.id, alone)) for one in group.people
        ],
        themes=_themes(group, found.centrality),
        mentions=_mentions(group),
        communities=[
            Community(id=number, participants=people, themes=found.common.get(number, []))
            for number, people in enumerate(found.communities)
        ],
    )
    await remember(stores.redis, _key(group.id), analysis, CACHED_SECONDS)
    return analysis


def _key(group_id: UUID) -> str:
    return f"analysis:{group_id}"


def _mentions(group: Group) -> list[Mentions]:
    counts = Counter(
        (answer.participant_id, mention.theme, mention.stance) for answer in group.results for mention in answer.themes
    )
    return [
        Mentions(participant_id=who, theme=theme, stance=stance, count=count)
        for (who, theme, stance), count in sorted(counts.items())
    ]


def _themes(group: Group, scores: Mapping[str, float]) -> list[Theme]:
    names = {person.id: person.persona.name for person in group.people}
    quotes: dict[str, list[Quote]] = defaultdict(list)
    for answer in group.results:
        for mention in answer.themes:
            quotes[mention.theme].append(
                Quote(
                    participant_id=answer.participant_id,
                    participant=names[answer.participant_id],
                    text=answer.text,
                    stance=mention.stance,
                )
            )
    themes = []
    for theme in sorted(quotes, key=lambda name: (-scores.get(name, 0.0), name)):
        stances = Counter(quote.stance for quote in quotes[theme])
        themes.append(
            Theme(
                theme=theme,
                score=round(scores.get(theme, 0.0), 3),
                mentions=stances.total(),
                positive=stances["positive"],
                neutral=stances["neutral"],
                negative=stances["negative"],
                quotes=_varied(quotes[theme]),
            )
        )
    return themes


def _varied(quotes: list[Quote]) -> list[Quote]:
    """A few quotes of different people, different stances first."""
    by_stance: dict[Stance, list[Quote]] = defaultdict(list)
    for quote in quotes:
        if quote.participant_id not in {other.participant_id for other in by_stance[quote.stance]}:
            by_stance[quote.stance].append(quote)
    rounds = max(map(len, by_stance.values()))
    turns = [those[turn] for turn in range(rounds) for those in by_stance.values() if turn < len(those)]
    first: dict[UUID, Quote] = {}
    for quote in turns:
        first.setdefault(quote.participant_id, quote)
    return list(first.values())[:MOST_QUOTES]
