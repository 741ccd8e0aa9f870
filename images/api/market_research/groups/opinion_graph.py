"""Focus groups as a graph in Neo4j: who said what about which theme. It can be made again from PostgreSQL."""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from neo4j import AsyncDriver, AsyncManagedTransaction, Query, unit_of_work
from neo4j.exceptions import DriverError

from market_research.groups.group import Group
from market_research.telemetry.tracing import NEO4J, span

SECONDS = 10
FORGET: LiteralString = """
MATCH (group:FocusGroup {id: $group.id})
OPTIONAL MATCH (group)<-[:IN]-(participant:Participant)
OPTIONAL MATCH (participant)-[:GAVE]->(answer:Answer)
DETACH DELETE answer, participant, group
"""
# After PostgreSQL was restored, new answers get the ids of answers that the graph still has in other focus groups.
RECLAIM: LiteralString = """
UNWIND $participants AS one
UNWIND one.answers AS said
MATCH (answer:Answer {id: said.id}) DETACH DELETE answer
"""
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
RETURN failedBatches AS failed, keys(errorMessages) AS reasons
"""
STRAYS: tuple[LiteralString, ...] = (
    "MATCH (node:Participant) WHERE NOT (node)-[:IN]->() RETURN node",
    "MATCH (node:Answer) WHERE NOT (node)<-[:GAVE]-() RETURN node",
)
REMOVE: LiteralString = """
CALL apoc.periodic.iterate($strays, 'DETACH DELETE node', {batchSize: 1000}) YIELD failedBatches, errorMessages
RETURN failedBatches AS failed, keys(errorMessages) AS reasons
"""
PRUNE: LiteralString = "MATCH (lonely:Theme|Project) WHERE NOT (lonely)--() DELETE lonely"
GROUPS: LiteralString = "MATCH (group:FocusGroup) RETURN group.id AS id"


async def write(driver: AsyncDriver, group: Group) -> None:
    """Bring a focus group's part of the graph to what it is in PostgreSQL; harmless when repeated."""
    facts = _facts(group)

    @unit_of_work(timeout=SECONDS)
    async def anew(transaction: AsyncManagedTransaction) -> None:
        for query in (FORGET, RECLAIM, WRITE):
            await (await transaction.run(query, facts)).consume()

    with span("write graph", NEO4J):
        async with driver.session() as session:
            await session.execute_write(anew)


async def erase(driver: AsyncDriver, group_ids: Sequence[UUID]) -> None:
    """Take focus groups out of the graph, and themes and projects that nothing refers to any more.

    neo4j.exceptions.DriverError when some of it could not be taken out: repeat it.
    """
    ids = [str(one) for one in group_ids]
    with span("erase from graph", NEO4J):
        await _in_batches(driver, ERASE, ids=ids)
        await driver.execute_query(Query(PRUNE, timeout=SECONDS))


async def sweep(driver: AsyncDriver) -> None:
    """Take out what belongs to no focus group; neo4j.exceptions.DriverError when some of it is still there."""
    with span("sweep graph", NEO4J):
        for strays in STRAYS:
            await _in_batches(driver, REMOVE, strays=strays)
        await driver.execute_query(Query(PRUNE, timeout=SECONDS))


async def known(driver: AsyncDriver) -> list[UUID]:
    """The focus groups that are in the graph."""
    with span("list graph", NEO4J):
        records, _, _ = await driver.execute_query(Query(GROUPS, timeout=SECONDS))
    return [UUID(record["id"]) for record in records]


async def _in_batches(driver: AsyncDriver, query: LiteralString, **parameters: Any) -> None:
    (outcome,), _, _ = await driver.execute_query(Query(query, timeout=SECONDS), parameters)
    if outcome["failed"]:
        raise DriverError(f"some of it is still in the graph: {'; '.join(outcome['reasons'])}")


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
