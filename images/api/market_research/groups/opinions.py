"""What Graph Data Science finds in the graph of a focus group: who thinks alike, and what everything turns on."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID, uuid4

from neo4j import AsyncDriver, Query
from neo4j.exceptions import DriverError, Neo4jError, ServiceUnavailable

from market_research.telemetry.tracing import NEO4J, span

# The first projections after a start of Neo4j take long, and a server that hangs says nothing.
PATIENCE_SECONDS = 60
DROP_SECONDS = 3
# Projections live on Neo4j's heap: one after the other is quick enough.
ONE_AT_A_TIME = asyncio.Semaphore(1)

# Whoever was killed in the middle left one behind.
SWEEP: LiteralString = """
CALL gds.graph.list() YIELD graphName, creationTime
WITH graphName WHERE graphName STARTS WITH 'group-' AND creationTime < datetime() - duration('PT5M')
CALL gds.graph.drop(graphName, false) YIELD graphName AS dropped
RETURN count(dropped) AS dropped
"""
DROP: LiteralString = "CALL gds.graph.drop($name, false) YIELD graphName RETURN graphName"
# Two people are as near as the share of the mentions on which they agree, among those of themes that both mention.
PROJECT_AGREEMENT: LiteralString = """
MATCH (:FocusGroup {id: $id})<-[:IN]-(one:Participant)
OPTIONAL MATCH (one)-[:GAVE]->(:Answer)-[mentions:MENTIONS]->(theme:Theme)
WITH one, theme.id AS theme, mentions.stance AS stance, count(*) AS times
WITH collect({who: one, theme: theme, stance: stance, times: times}) AS said
UNWIND said AS mine
UNWIND said AS theirs
WITH mine.who AS one, mine.times * theirs.times AS pairs, mine.stance = theirs.stance AS agree,
    CASE WHEN mine.who.id < theirs.who.id AND mine.theme = theirs.theme THEN theirs.who END AS other
WITH one, other, sum(CASE WHEN agree THEN pairs ELSE 0 END) * 1.0 / sum(pairs) AS share, sum(pairs) AS shared
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
RETURN node.id AS theme, score
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


@dataclass(frozen=True)
class Opinions:
    """Communities of participants, the largest first, with what most of them agree on; themes with their centrality.

    The most central theme has 1.
    """

    communities: list[list[UUID]]
    common: dict[int, list[str]]
    centrality: dict[str, float]


async def opinions(driver: AsyncDriver, group_id: UUID) -> Opinions:
    """Ask the graph; the driver's errors, ServiceUnavailable too when there is no answer in time."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), ONE_AT_A_TIME:
            await _ask(driver, SWEEP)
            found = await _projected(driver, PROJECT_AGREEMENT, COMMUNITIES, group_id)
            members = _by_size({row["participant"]: row["community"] for row in found})
            scores = await _projected(driver, PROJECT_MENTIONS, CENTRALITY, group_id)
            numbered = [{"id": number, "participants": people} for number, people in enumerate(members)]
            common = await _ask(driver, COMMON, communities=numbered)
    except TimeoutError:
        raise ServiceUnavailable(f"Neo4j gave no answer within {PATIENCE_SECONDS} s") from None
    highest = max((row["score"] for row in scores), default=1.0)
    return Opinions(
        communities=[[UUID(one) for one in people] for people in members],
        common={row["id"]: row["themes"] for row in common},
        centrality={row["theme"]: row["score"] / highest for row in scores},
    )


async def _projected(
    driver: AsyncDriver, project: LiteralString, ask: LiteralString, group_id: UUID
) -> list[dict[str, Any]]:
    """The answer of an algorithm on a projection that is gone afterwards, whatever happens."""
    name = f"group-{uuid4()}"
    try:
        await _ask(driver, project, id=str(group_id), name=name)
        return await _ask(driver, ask, name=name)
    finally:
        with suppress(Neo4jError, DriverError, TimeoutError):
            async with asyncio.timeout(DROP_SECONDS):
                await _ask(driver, DROP, name=name)


async def _ask(driver: AsyncDriver, query: LiteralString, **parameters: Any) -> list[dict[str, Any]]:
    with span("query graph", NEO4J):
        records, _, _ = await driver.execute_query(Query(query, timeout=PATIENCE_SECONDS), parameters)
    return [record.data() for record in records]


def _by_size(community_of: Mapping[str, int]) -> list[list[str]]:
    members: dict[int, list[str]] = defaultdict(list)
    for participant in sorted(community_of):
        members[community_of[participant]].append(participant)
    return sorted(members.values(), key=lambda people: (-len(people), people))
