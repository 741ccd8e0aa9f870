"""Redis: who is logged in, and answers that were found before."""

from monitoring.dashboards.boards.resources import resources
from monitoring.dashboards.panel import (
    IS_UP,
    NONE_IS_GOOD,
    RATE,
    Dashboard,
    Panel,
    Query,
    Row,
    Stat,
    high_is_bad,
)


def redis() -> Dashboard:
    """The page of Redis."""
    return Dashboard(
        "redis",
        "Redis",
        "Memory, commands, and what is found or dropped.",
        (Row("Now", _now()), Row("Work", _work()), resources("redis")),
    )


def _now() -> tuple[Panel, ...]:
    return (
        Stat(
            title="Answers",
            description="Whether the exporter can log in.",
            unit="up",
            queries=(Query("min(redis_up)"),),
            thresholds=IS_UP,
        ),
        Stat(
            title="Memory",
            description="Of maxmemory. When it is full, cached answers go first, then new logins are refused.",
            unit="share",
            queries=(Query("max(redis_memory_used_bytes / (redis_memory_max_bytes > 0))"),),
            thresholds=high_is_bad(0.8, 0.95),
        ),
        Stat(
            title="Keys",
            description="Sessions and cached answers.",
            unit="count",
            queries=(Query("sum(redis_db_keys)"),),
        ),
        Stat(
            title="Clients",
            description="Connected now.",
            unit="count",
            queries=(Query("sum(redis_connected_clients)"),),
        ),
        Stat(
            title="Turned away, 24 h",
            description="Connections beyond what it allows.",
            unit="count",
            queries=(Query("round(sum(increase(redis_rejected_connections_total[24h])))"),),
            thresholds=NONE_IS_GOOD,
        ),
        Stat(
            title="Runs for",
            description="Since its last start.",
            unit="seconds",
            queries=(Query("min(redis_uptime_in_seconds)"),),
        ),
    )


def _work() -> tuple[Panel, ...]:
    found, missed = (f"sum(rate(redis_keyspace_{what}_total[{RATE}]))" for what in ("hits", "misses"))
    return (
        Panel(
            title="Commands",
            description="The eight that are used most.",
            unit="operations/s",
            queries=(Query(f"topk(8, sum by (cmd) (rate(redis_commands_total[{RATE}])))", "{{cmd}}"),),
            width=6,
            height=10,
        ),
        Panel(
            title="Keys found",
            description="Share of look-ups.",
            unit="share",
            queries=(Query(f"{found} / ({found} + {missed} > 0)", "found"),),
            maximum=1,
            width=6,
            height=10,
        ),
        Panel(
            title="Memory",
            description="In use, and the most that it may use for data.",
            unit="bytes",
            queries=(
                Query("max(redis_memory_used_bytes)", "used"),
                Query("max(redis_memory_max_bytes)", "maxmemory"),
            ),
            width=6,
            height=10,
        ),
        Panel(
            title="Keys dropped",
            description="Expired: their time was over. Evicted: there was no room.",
            unit="operations/s",
            queries=(
                Query(f"sum(rate(redis_expired_keys_total[{RATE}]))", "expired"),
                Query(f"sum(rate(redis_evicted_keys_total[{RATE}]))", "evicted"),
            ),
            width=6,
            height=10,
        ),
    )
