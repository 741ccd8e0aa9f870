"""PostgreSQL: people, projects, answers, and the search among them."""

from monitoring.dashboards.boards.resources import NEAR, resources
from monitoring.dashboards.panel import IS_UP, RATE, Dashboard, Panel, Query, Row, Stat, low_is_bad

OURS = 'datname="market_research"'
FROM_MEMORY = f"sum(increase(pg_stat_database_blks_hit{{{OURS}}}[1h]))"
FROM_DISK = f"sum(increase(pg_stat_database_blks_read{{{OURS}}}[1h]))"


def postgres() -> Dashboard:
    """The page of PostgreSQL."""
    return Dashboard(
        "postgres",
        "PostgreSQL",
        "Connections, transactions, what is read from memory, and how large the data is.",
        (Row("Now", _now()), Row("Work", _work()), Row("Trouble", _trouble()), resources("postgres")),
    )


def _now() -> tuple[Panel, ...]:
    return (
        Stat(
            title="Answers",
            description="Whether the exporter can log in.",
            unit="up",
            queries=(Query("min(pg_up)"),),
            thresholds=IS_UP,
            width=6,
        ),
        Stat(
            title="Connections",
            description="Of those that it allows.",
            unit="share",
            queries=(Query("sum(pg_stat_database_numbackends) / max(pg_settings_max_connections)"),),
            thresholds=NEAR,
            width=6,
        ),
        Stat(
            title="Data",
            description="The database with its indexes.",
            unit="bytes",
            queries=(Query(f"max(pg_database_size_bytes{{{OURS}}})"),),
            width=6,
        ),
        Stat(
            title="Read from memory, 1 h",
            description="Share of blocks found in shared buffers; a low share means a lot of reading from disk.",
            unit="share",
            queries=(Query(f"{FROM_MEMORY} / ({FROM_MEMORY} + {FROM_DISK} > 0)"),),
            thresholds=low_is_bad(0.9, 0.98),
            width=6,
        ),
    )


def _work() -> tuple[Panel, ...]:
    rows = ("fetched", "inserted", "updated", "deleted")
    return (
        Panel(
            title="Transactions",
            description="Kept, and given up.",
            unit="operations/s",
            queries=(
                Query(f"sum(rate(pg_stat_database_xact_commit{{{OURS}}}[{RATE}]))", "committed"),
                Query(f"sum(rate(pg_stat_database_xact_rollback{{{OURS}}}[{RATE}]))", "rolled back"),
            ),
        ),
        Panel(
            title="Rows",
            description="Read by an index, and changed.",
            unit="operations/s",
            queries=tuple(Query(f"sum(rate(pg_stat_database_tup_{row}{{{OURS}}}[{RATE}]))", row) for row in rows),
        ),
        Panel(
            title="Connections by state",
            description="Idle in transaction holds locks for nothing.",
            unit="count",
            queries=(Query(f"sum by (state) (pg_stat_activity_count{{{OURS}}}) > 0", "{{state}}"),),
            stacked=True,
        ),
    )


def _trouble() -> tuple[Panel, ...]:
    return (
        Panel(
            title="Longest transaction",
            description="A long one keeps dead rows from being cleaned up.",
            unit="seconds",
            queries=(Query(f"max(pg_stat_activity_max_tx_duration{{{OURS}}})", "longest"),),
            width=6,
        ),
        Panel(
            title="Deadlocks",
            description="One transaction of each pair was given up.",
            unit="count",
            queries=(Query(f"sum(increase(pg_stat_database_deadlocks{{{OURS}}}[5m]))", "in 5 minutes"),),
            width=6,
        ),
        Panel(
            title="Temporary files",
            description="Written by sorts that did not fit into memory.",
            unit="bytes/s",
            queries=(Query(f"sum(rate(pg_stat_database_temp_bytes{{{OURS}}}[{RATE}]))", "written"),),
            width=6,
        ),
        Panel(
            title="Write-ahead log",
            description="On disk; it grows while changes come faster than they are put into their place.",
            unit="bytes",
            queries=(Query("max(pg_wal_size_bytes)", "size"),),
            width=6,
        ),
    )
