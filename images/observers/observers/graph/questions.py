"""What Neo4j Community can be asked about itself."""

from typing import Any

Answers = dict[str, list[dict[str, Any]]]
"""The rows of each question by its name, and under `seconds` how long the first one took."""

BEANS = ["java.lang:type=Memory", "java.lang:type=Threading", "java.lang:type=GarbageCollector,*"]

# The first one is the canary: it goes through the planner and the store, and Neo4j has its answer counted already.
QUESTIONS = {
    "nodes": "MATCH (n) RETURN count(n) AS count",
    "relationships": "MATCH ()-[r]->() RETURN count(r) AS count",
    "transactions": (
        "SHOW TRANSACTIONS YIELD elapsedTime, metaData WHERE coalesce(metaData.by, '') <> $by "
        "RETURN count(*) AS count, coalesce(max(elapsedTime.milliseconds), 0) / 1000.0 AS longest"
    ),
    "connections": (
        "CALL dbms.listConnections() YIELD userAgent WITH userAgent WHERE userAgent <> $by RETURN count(*) AS count"
    ),
    "beans": f"UNWIND {BEANS!r} AS bean CALL dbms.queryJmx(bean) YIELD name, attributes RETURN name, attributes",
    "components": (
        "CALL dbms.components() YIELD name, versions, edition WHERE name = 'Neo4j Kernel' "
        "RETURN versions[0] AS version, edition"
    ),
    "graphs": "CALL gds.graph.list() YIELD graphName RETURN count(*) AS count",
}
