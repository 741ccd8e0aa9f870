"""What the graph says of a focus group: who thinks alike, and what everything turns on."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, LiteralString
from uuid import UUID, uuid4

from neo4j import AsyncDriver, AsyncManagedTransaction
from pydantic import BaseModel
from redis.exceptions import RedisError

from market_research.groups.group import Group
from market_research.llm.model import Stance
from market_research.stores import Stores

MOST_QUOTES = 3
REMEMBERED_SECONDS = 24 * 3600
# Projections live on Neo4j's heap: one after the other is quick enough.
ONE_AT_A_TIME = asyncio.Semaphore(1)

# Two people are as near as the share of the themes on which they agree, among those that both mention.
PROJECT_AGREEMENT: LiteralString = """
MATCH (:FocusGroup {id: $id})<-[:IN]-(one:Participant)
OPTIONAL MATCH (one)-[:GAVE]->(:Answer)-[mine:MENTIONS]->(theme:Theme)
    <-[theirs:MENTIONS]-(:Answer)<-[:GAVE]-(other:Participant)
WHERE other.id > one.id AND (other)-[:IN]->(:FocusGroup {id: $id})
WITH one, other, avg(CASE WHEN mine.stance = theirs.stance THEN 1.0 ELSE 0.0 END) AS share, count(*) AS shared
WITH one, CASE WHEN share > 0.5 THEN other END AS other, (share - 0.5) * shared AS weight
RETURN gds.graph.project(
    $name, one, other, {relationshipProperties: {weight: weight}, relationshipType: 'AGREES'},
    {undirectedRelationshipTypes: ['*']}
) AS projection
"""
COMMUNITIES: LiteralString = """
CALL gds.louvain.stream($name, {relationshipWeightProperty: 'weight', logProgress: false}) YIELD nodeId, communityId
RETURN gds.util.asNode(nodeId).id AS participant, communityId AS community
"""
PROJECT_MENTIONS: LiteralString = """
MATCH (:FocusGroup {id: $id})<-[:IN]-(participant:Participant)-[:GAVE]->(:Answer)-[:MENTIONS]->(theme:Theme)
WITH participant, theme, toFloat(count(*)) AS weight
RETURN gds.graph.project(
    $name, participant, theme, {relationshipProperties: {weight: weight}, relationshipType: 'MENTIONS'},
    {undirectedRelationshipTypes: ['*']}
) AS projection
"""
CENTRALITY: LiteralString = """
CALL gds.pageRank.stream($name, {relationshipWeightProperty: 'weight', logProgress: false}) YIELD nodeId, score
WITH gds.util.asNode(nodeId) AS node, score WHERE node:Theme
RETURN node.id AS theme, score ORDER BY score DESC, theme
"""
# What more than half of a community say in the same way, what most of them say first.
COMMON: LiteralString = """
UNWIND $communities AS community
MATCH (participant:Participant)-[:GAVE]->(:Answer)-[mentions:MENTIONS]->(theme:Theme)
WHERE participant.id IN community.participants
WITH community, participant, collect(DISTINCT theme.id + ' (' + mentions.stance + ')') AS positions
WITH community, apoc.coll.sortMaps(apoc.coll.frequencies(apoc.coll.flatten(collect(positions))), 'count') AS held
RETURN community.id AS id,
    [position IN held WHERE position.count * 2 > size(community.participants) | position.item] AS themes
"""


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


async def remembered(stores: Stores, group_id: UUID) -> Analysis | None:
    """The analysis that the cache knows; redis.RedisError while it is away."""
    text = await stores.redis.get(_key(group_id))
    return Analysis.model_validate_json(text) if text else None


async def analyse(stores: Stores, group: Group) -> Analysis:
    """Ask Graph Data Science for communities and centrality; what was said comes from the group itself.

    The outcome is cached if the cache takes it; Neo4j's errors are the driver's.
    """
    found = await _analysed(stores.neo4j, group)
    with suppress(RedisError):
        await stores.redis.set(_key(group.id), found.model_dump_json(), ex=REMEMBERED_SECONDS)
    return found


def _key(group_id: UUID) -> str:
    return f"analysis:{group_id}"


async def _analysed(driver: AsyncDriver, group: Group) -> Analysis:
    async with ONE_AT_A_TIME, driver.session() as session:
        found = await session.execute_read(_communities, str(group.id))
        scores = await session.execute_read(_scores, str(group.id))
        members = _by_size(found)
        common = await session.execute_read(_common, members)
    seat_of = {UUID(one): number for number, people in enumerate(members) for one in people}
    return Analysis(
        participants=[
            Seat(id=one.id, name=one.persona.name, community=seat_of.get(one.id, len(members))) for one in group.people
        ],
        themes=_themes(group, scores),
        mentions=_mentions(group),
        communities=[
            Community(id=number, participants=[UUID(one) for one in people], themes=common.get(number, []))
            for number, people in enumerate(members)
        ],
    )


async def _communities(transaction: AsyncManagedTransaction, group_id: str) -> dict[str, int]:
    rows = await _projected(transaction, PROJECT_AGREEMENT, COMMUNITIES, group_id)
    return {row["participant"]: row["community"] for row in rows}


async def _scores(transaction: AsyncManagedTransaction, group_id: str) -> dict[str, float]:
    rows = await _projected(transaction, PROJECT_MENTIONS, CENTRALITY, group_id)
    highest = max((row["score"] for row in rows), default=1.0)
    return {row["theme"]: row["score"] / highest for row in rows}


async def _projected(
    transaction: AsyncManagedTransaction, project: LiteralString, ask: LiteralString, group_id: str
) -> list[dict[str, Any]]:
    """The answer of an algorithm on a projection that is gone afterwards."""
    name = f"group-{uuid4()}"
    await (await transaction.run(project, id=group_id, name=name)).consume()
    try:
        return await (await transaction.run(ask, name=name)).data()
    finally:
        await (await transaction.run("CALL gds.graph.drop($name, false) YIELD graphName", name=name)).consume()


async def _common(transaction: AsyncManagedTransaction, members: list[list[str]]) -> dict[int, list[str]]:
    communities = [{"id": number, "participants": people} for number, people in enumerate(members)]
    rows = await (await transaction.run(COMMON, communities=communities)).data()
    return {row["id"]: row["themes"] for row in rows}


def _by_size(community_of: Mapping[str, int]) -> list[list[str]]:
    members: dict[int, list[str]] = defaultdict(list)
    for participant in sorted(community_of):
        members[community_of[participant]].append(participant)
    return sorted(members.values(), key=lambda people: (-len(people), people))


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
    chosen = {quote.participant_id: quote for quote in reversed(turns)}
    return [quote for quote in turns if chosen.get(quote.participant_id) is quote][:MOST_QUOTES]
