"""Neo4j: the graph of opinions, as far as its Community edition can be asked."""

from monitoring.dashboards.boards.resources import resources
from monitoring.dashboards.panel import IS_UP, RATE, Dashboard, Panel, Query, Row, Stat, high_is_bad

HEAP = "max(neo4j_jvm_heap_used_bytes / neo4j_jvm_heap_max_bytes)"
HEAP_IS_FULL = high_is_bad(0.85, 0.95)


def neo4j() -> Dashboard:
    """The page of Neo4j."""
    return Dashboard(
        "neo4j",
        "Neo4j",
        "Whether it answers, how large the graph is, and how its Java machine is doing.",
        (Row("Now", _now()), Row("Work", _work()), resources("neo4j")),
    )


def _now() -> tuple[Panel, ...]:
    return (
        Stat(
            title="Answers",
            description="Whether the exporter can log in and ask.",
            unit="up",
            queries=(Query("min(neo4j_up)"),),
            thresholds=IS_UP,
        ),
        Stat(
            title="A small query takes",
            description="As the exporter measures it at every scrape.",
            unit="seconds",
            queries=(Query("max(neo4j_query_seconds)"),),
            thresholds=high_is_bad(0.25, 1),
        ),
        Stat(
            title="Nodes",
            description="In the whole graph.",
            unit="count",
            queries=(Query("max(neo4j_nodes)"),),
        ),
        Stat(
            title="Relationships",
            description="In the whole graph.",
            unit="count",
            queries=(Query("max(neo4j_relationships)"),),
        ),
        Stat(
            title="Heap",
            description="Of its maximum; garbage included, so that it goes up and down.",
            unit="share",
            queries=(Query(HEAP),),
            thresholds=HEAP_IS_FULL,
        ),
        Stat(
            title="Graphs in memory",
            description="Projections for algorithms; one that stays was forgotten.",
            unit="count",
            queries=(Query("max(neo4j_gds_graphs)"),),
            thresholds=high_is_bad(5, 20),
        ),
    )


def _work() -> tuple[Panel, ...]:
    return (
        Panel(
            title="Connections and transactions",
            description="Open now; the exporter's own are among them.",
            unit="count",
            queries=(
                Query("max(neo4j_connections)", "connections"),
                Query("max(neo4j_transactions)", "transactions"),
            ),
            width=6,
        ),
        Panel(
            title="Longest transaction",
            description="What runs longest at the moment.",
            unit="seconds",
            queries=(Query("max(neo4j_longest_transaction_seconds)", "longest"),),
            width=6,
        ),
        Panel(
            title="Heap, of its maximum",
            description="A line that no longer falls leads to an end for want of memory.",
            unit="share",
            queries=(Query(HEAP, "heap"),),
            thresholds=HEAP_IS_FULL,
            maximum=1,
            width=6,
        ),
        Panel(
            title="Collecting garbage",
            description="Share of the time that its Java machine spends on it.",
            unit="share",
            queries=(Query(f"sum(rate(neo4j_jvm_gc_seconds_total[{RATE}]))", "time"),),
            width=6,
        ),
    )
