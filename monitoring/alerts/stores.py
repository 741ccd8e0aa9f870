"""Alerts about PostgreSQL, Redis and Neo4j."""

from collections.abc import Iterator

from monitoring.alert import Alert, Severity
from monitoring.watched import Stack

MINUTE = 60


def alerts(stack: Stack) -> Iterator[Alert]:
    """What keeps data, by how bad it is."""
    yield from _away(stack)
    lasting, over = stack.pace.lasting, stack.pace.over
    yield Alert(
        name="PostgresConnectionsNearLimit",
        expr="sum(pg_stat_database_numbackends) / max(pg_settings_max_connections) > 0.85",
        lasting=lasting(5 * MINUTE),
        severity="ticket",
        labels={"service": "postgres"},
        summary="PostgreSQL has few connections left",
        description="{{ $value | humanizePercentage }} are taken for more than five minutes.",
    )
    yield Alert(
        name="PostgresDeadlocks",
        expr=f"sum(increase(pg_stat_database_deadlocks[{over(15 * MINUTE)}])) > 0",
        severity="ticket",
        labels={"service": "postgres"},
        summary="Transactions of PostgreSQL waited for each other",
        description="{{ $value | humanize }} deadlocks within 15 minutes; one of each pair was given up.",
    )
    yield Alert(
        name="RedisMemoryNearLimit",
        expr="redis_memory_used_bytes / (redis_memory_max_bytes > 0) > 0.95",
        lasting=lasting(10 * MINUTE),
        severity="ticket",
        labels={"service": "redis"},
        summary="Redis is nearly full",
        description="{{ $value | humanizePercentage }} of maxmemory: cached answers go, then logins are refused.",
    )
    yield Alert(
        name="RedisRejectsConnections",
        expr=f"sum(increase(redis_rejected_connections_total[{over(5 * MINUTE)}])) > 0",
        severity="ticket",
        labels={"service": "redis"},
        summary="Redis turns clients away",
        description="{{ $value | humanize }} connections were refused within five minutes: maxclients is reached.",
    )
    yield Alert(
        name="Neo4jHeapNearLimit",
        expr="neo4j_jvm_heap_used_bytes / neo4j_jvm_heap_max_bytes > 0.95",
        lasting=lasting(15 * MINUTE),
        severity="ticket",
        labels={"service": "neo4j"},
        summary="Neo4j has little heap left",
        description="{{ $value | humanizePercentage }} for more than 15 minutes, garbage collection included.",
    )


def _away(stack: Stack) -> Iterator[Alert]:
    stores: dict[str, tuple[str, Severity, str]] = {
        "Postgres": ("pg_up", "page", "nobody can log in and nothing is saved"),
        "Redis": ("redis_up", "page", "sessions cannot be looked up"),
        "Neo4j": ("neo4j_up", "ticket", "graphs are away; answers are kept, and the graph follows"),
    }
    for name, (metric, severity, effect) in stores.items():
        yield Alert(
            name=f"{name}Down",
            # An exporter that its store lets hang answers nothing at all: then the API's word counts.
            expr=(
                f"min({metric}) == 0 or "
                f'(max(up{{job="{name.lower()}"}}) == 0 and max(store_up{{store="{name.lower()}"}}) == 0)'
            ),
            lasting=stack.pace.lasting(30 if severity == "page" else 2 * MINUTE),
            severity=severity,
            labels={"service": name.lower()},
            summary=f"{name} does not answer",
            description=f"Its exporter cannot log in, or hangs as the API does: {effect}.",
        )
