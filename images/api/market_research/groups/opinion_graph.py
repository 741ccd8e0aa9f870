"""Focus groups as a graph in Neo4j: who said what about which theme. It can be made again from PostgreSQL."""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from neo4j import AsyncDriver

from market_research.groups.group import Group

WRITE: LiteralString = """
MERGE (project:Project {id: $project.id}) SET project.name = $project.name
MERGE (group:FocusGroup {id: $group.id}) SET group.topic = $group.topic
MERGE (group)-[:OF]->(project)
WITH group
UNWIND $participants AS one
MERGE (participant:Participant {id: one.id}) SET participant.name = one.name
MERGE (participant)-[:IN]->(group)
WITH participant, one
UNWIND one.answers AS said
MERGE (answer:Answer {id: said.id}) SET answer.question = said.question, answer.text = said.text
MERGE (participant)-[:GAVE]->(answer)
WITH answer, said
UNWIND said.themes AS mention
MERGE (theme:Theme {id: mention.theme})
MERGE (answer)-[mentions:MENTIONS]->(theme) SET mentions.stance = mention.stance
"""
# In batches: a graph of any size is erased with the memory of one batch.
ERASE: LiteralString = """
CALL apoc.periodic.iterate(
    'MATCH (group:FocusGroup) WHERE group.id IN $ids
     OPTIONAL MATCH (group)<-[:IN]-(participant:Participant)
     OPTIONAL MATCH (participant)-[:GAVE]->(answer:Answer)
     UNWIND [answer, participant, group] AS node
     WITH DISTINCT node WHERE node IS NOT NULL RETURN node',
    'DETACH DELETE node',
    {batchSize: 1000, params: {ids: $ids}}
) YIELD failedBatches, errorMessages
RETURN failedBatches, errorMessages
"""
PRUNE: LiteralString = "MATCH (lonely:Theme|Project) WHERE NOT (lonely)--() DELETE lonely"


async def write(driver: AsyncDriver, group: Group) -> None:
    """Bring a focus group's part of the graph to what it is in PostgreSQL; harmless when repeated."""
    await driver.execute_query(WRITE, _facts(group))


async def erase(driver: AsyncDriver, group_ids: Sequence[UUID]) -> None:
    """Take focus groups out of the graph, and themes and projects that nothing refers to any more."""
    await driver.execute_query(ERASE, ids=[str(one) for one in group_ids])
    await driver.execute_query(PRUNE)


async def others(driver: AsyncDriver, known: Sequence[UUID]) -> list[UUID]:
    """The focus groups in the graph that are not among the known ones."""
    query: LiteralString = "MATCH (group:FocusGroup) WHERE NOT group.id IN $known RETURN group.id AS id"
    records, _, _ = await driver.execute_query(query, known=[str(one) for one in known])
    return [UUID(record["id"]) for record in records]


def _facts(group: Group) -> dict[str, Any]:
    return {
        "project": {"id": str(group.project_id), "name": group.project_name},
        "group": {"id": str(group.id), "topic": group.topic},
        "participants": [
            {
                "id": str(person.id),
                "name": person.persona.name,
                "answers": [
                    {
                        "id": answer.id,
                        "question": answer.question,
                        "text": answer.text,
                        "themes": [mention.model_dump() for mention in answer.themes],
                    }
                    for answer in group.results
                    if answer.participant_id == person.id
                ],
            }
            for person in group.people
        ],
    }
