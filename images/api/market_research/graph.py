"""The shape of the graph in Neo4j: what has an identity of its own."""

from neo4j import Driver

LABELS = ("Project", "FocusGroup", "Participant", "Answer", "Theme")


def constraints() -> list[str]:
    """Cypher that makes the `id` of each label unique; harmless when repeated."""
    return [
        f"CREATE CONSTRAINT {label.lower()}_id IF NOT EXISTS FOR (node:{label}) REQUIRE node.id IS UNIQUE"
        for label in LABELS
    ]


def constrain(driver: Driver) -> int:
    """Create the constraints that are missing and return how many were."""
    return sum(driver.execute_query(statement).summary.counters.constraints_added for statement in constraints())
