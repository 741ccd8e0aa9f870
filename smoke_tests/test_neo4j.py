"""Neo4j finds what opinions have in common: APOC and Graph Data Science work, and little else is allowed."""

import secrets
from collections.abc import Iterator

import neo4j
import pytest
from neo4j.exceptions import AuthError, ClientError

from smoke_tests.clients import graph_driver
from smoke_tests.deployment import Deployment
from smoke_tests.tunnel import Tunnel

MENTIONS = [("Ada", "price"), ("Ada", "taste"), ("Ben", "price"), ("Cleo", "price"), ("Cleo", "taste"), ("Dan", "look")]
CREATE = """
UNWIND $mentions AS mention
MERGE (participant:SmokeParticipant {name: mention[0]})
MERGE (theme:SmokeTheme {name: mention[1]})
MERGE (participant)-[:SMOKE_MENTIONS]->(theme)
"""
PROJECT = """
MATCH (participant:SmokeParticipant)-[:SMOKE_MENTIONS]->(theme:SmokeTheme)
WITH gds.graph.project($graph, participant, theme,
    {sourceNodeLabels: labels(participant), targetNodeLabels: labels(theme)}) AS projection
RETURN projection.nodeCount AS nodes, projection.relationshipCount AS relationships
"""
RANK = """
CALL gds.pageRank.stream($graph) YIELD nodeId, score
WITH gds.util.asNode(nodeId) AS node, score WHERE node:SmokeTheme
RETURN node.name AS theme ORDER BY score DESC
"""


@pytest.fixture
def transaction(graph: neo4j.Driver) -> Iterator[neo4j.Transaction]:
    """A transaction that is taken back: nothing that a test writes is ever seen by others."""
    with graph.session() as session, session.begin_transaction() as transaction:
        yield transaction
        transaction.rollback()


@pytest.fixture
def projection(graph: neo4j.Driver) -> Iterator[str]:
    """The name of a graph that Graph Data Science may hold in memory during a test."""
    name = f"smoke-{secrets.token_hex(4)}"
    yield name
    graph.execute_query("CALL gds.graph.drop($name, false) YIELD graphName", name=name)


def test_apoc_and_gds_are_installed(transaction: neo4j.Transaction) -> None:
    versions = transaction.run("RETURN apoc.version() AS apoc, gds.version() AS gds").single(strict=True)
    assert all(versions.values()), "APOC and Graph Data Science must say their versions"


def test_an_apoc_function_answers(transaction: neo4j.Transaction) -> None:
    answer = transaction.run("RETURN apoc.coll.intersection(['price', 'taste'], ['taste']) AS common")
    assert answer.single(strict=True)["common"] == ["taste"], "APOC must compute what opinions have in common"


def test_pagerank_puts_the_most_mentioned_theme_first(transaction: neo4j.Transaction, projection: str) -> None:
    transaction.run(CREATE, mentions=MENTIONS).consume()
    size = transaction.run(PROJECT, graph=projection).single(strict=True)
    assert size.data() == {"nodes": 7, "relationships": 6}, "a projection must hold every participant and theme"
    themes = [record["theme"] for record in transaction.run(RANK, graph=projection)]
    assert themes == ["price", "taste", "look"], "themes must be ranked by who mentions them"


def test_no_query_may_read_files_or_call_addresses(transaction: neo4j.Transaction) -> None:
    with pytest.raises(ClientError, match="no procedure with the name"):
        transaction.run("CALL apoc.load.json('file:///etc/passwd')").consume()


def test_neo4j_refuses_a_wrong_password(deployment: Deployment, tunnel: Tunnel) -> None:
    with graph_driver(deployment, tunnel, secret="wrong") as driver, pytest.raises(AuthError):
        driver.verify_connectivity()
