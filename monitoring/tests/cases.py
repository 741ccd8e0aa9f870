"""Every alert, and figures that make it fire."""

from monitoring.alerts.backups import NEEDED
from monitoring.tests.course import Case, Count, Course, Fall, Level
from monitoring.watched import MIB, Stack, Watched

STACK = Stack(
    services=[Watched("api", 512), Watched("redis", 256), Watched("zipkin", 320, watches=True)],
    public_url="https://research.example",
    has_edge=True,
    llm_usd_per_day=5,
    makes_backups=True,
)
WITHOUT_EDGE = Stack(services=STACK.services, public_url="http://127.0.0.1:8080")
DAY = 24 * 60
CODES = "haproxy_backend_http_responses_total"
SEEN = 'http_route="/api/projects",http_request_method="GET",http_response_status_code="200"'
CALLS = 'gen_ai_client_operation_duration_seconds_count{{gen_ai_operation_name="opinion",error_type="{}"}}'
IDLE = {"api": 0.0, "redis": 0.0, "zipkin": 0.0}


def _errors(share: float) -> dict[str, Course]:
    """A hundred requests a minute, of which a share fails for a while."""
    return {
        f'{CODES}{{proxy="api",code="2xx"}}': Count(100, 100 * (1 - share)),
        f'{CODES}{{proxy="api",code="5xx"}}': Count(0, 100 * share),
    }


def _slow(share: float) -> dict[str, Course]:
    return {
        f'http_server_request_duration_seconds_bucket{{{SEEN},le="1.0"}}': Count(100, 100 * (1 - share)),
        f"http_server_request_duration_seconds_count{{{SEEN}}}": Count(100, 100),
    }


def _burns(objective: str, figures: dict[str, float], course: object) -> list[Case]:
    """Each pair of windows with a share that burns fast enough, for as long as the long one takes to see it."""
    minutes = {
        "Fast": (DAY, 60, 120),
        "Steady": (DAY, 6 * 60, 8 * 60),
        "Slow": (2 * DAY, DAY, DAY),
        "Creeping": (4 * DAY, 3 * DAY, 2 * DAY),
    }
    assert callable(course)
    return [Case(f"{objective}Budget{name}Burn", course(share), minutes[name]) for name, share in figures.items()]


def _seen(**gone: float | None) -> dict[str, Course]:
    return {f'container_last_seen{{service="{name}"}}': Level(1, gone.get(name, 1)) for name in IDLE}


OF_CONTAINERS = [
    Case("ServiceMissing", _seen(api=None)),
    Case("ServiceUnhealthy", {'container_health_state{service="api",name="a"}': Level(1, 0)}),
    Case("ServiceRestarting", {'container_restarts_total{service="api",name="a"}': Count(0, 1)}),
    Case("OutOfMemoryKilled", {'container_oom_events_total{service="api",name="a"}': Count(0, 1)}),
    Case(
        "CpuThrottled",
        {
            'container_cpu_cfs_periods_total{service="api",name="a"}': Count(600, 600),
            'container_cpu_cfs_throttled_periods_total{service="api",name="a"}': Count(10, 500),
        },
    ),
    Case("MemoryNearLimit", {'container_memory_working_set_bytes{service="redis",name="r"}': Level(1e6, 250 * MIB)}),
]
OF_STORES = [
    Case("PostgresDown", {"pg_up": Level(1, 0)}),
    Case("RedisDown", {"redis_up": Level(1, 0)}),
    Case("Neo4jDown", {"neo4j_up": Level(1, 0)}),
    Case(
        "PostgresConnectionsNearLimit",
        {'pg_stat_database_numbackends{datname="a"}': Level(5, 49), "pg_settings_max_connections": Level(51, 51)},
    ),
    Case("PostgresDeadlocks", {'pg_stat_database_deadlocks{datname="a"}': Count(0, 1)}),
    Case("RedisMemoryNearLimit", {"redis_memory_used_bytes": Level(10, 99), "redis_memory_max_bytes": Level(100, 100)}),
    Case("RedisRejectsConnections", {"redis_rejected_connections_total": Count(0, 2)}),
    Case(
        "Neo4jHeapNearLimit", {"neo4j_jvm_heap_used_bytes": Level(5, 99), "neo4j_jvm_heap_max_bytes": Level(100, 100)}
    ),
]
OF_THE_PRODUCT = [
    Case("LanguageModelFails", {CALLS.format(""): Count(10, 1), CALLS.format("timeout"): Count(0, 9)}),
    Case(
        "FocusGroupsStuck",
        {"focus_groups_waiting": Level(1, 1), 'focus_groups_finished_total{outcome="finished"}': Count(1, 0)},
        (60, 60, 60),
    ),
    Case(
        "LanguageModelOverBudget", {'llm_cost_usd_total{gen_ai_request_model="m"}': Count(0, 0.01)}, (DAY, DAY, 2 * DAY)
    ),
]
FREE, SIZE = 'node_filesystem_avail_bytes{mountpoint="/"}', 'node_filesystem_size_bytes{mountpoint="/"}'
OUTSIDE = [
    Case("PublicAddressDown", {"probe_success": Level(1, 0)}),
    Case("CertificateExpiring", {"probe_ssl_earliest_cert_expiry": Level(90 * DAY * 60, 5 * DAY * 60)}),
    Case("DiskNearlyFull", {FREE: Level(50, 5), SIZE: Level(100, 100)}),
    Case("DiskWillFill", {FREE: Fall(350, 0.3), SIZE: Level(1000, 1000)}, (60, 480, 480)),
    Case(
        "HostMemoryLow", {"node_memory_MemAvailable_bytes": Level(50, 1), "node_memory_MemTotal_bytes": Level(100, 100)}
    ),
]
OLD = -40 * DAY * 60
"""Of so many seconds before the time that Prometheus' tests begin at."""
BACKED_UP = {
    f'backup_last_success_timestamp_seconds{{store="{store}"}}': Level(0, 0)
    for store in ("postgres", "redis", "files", "neo4j", "state")
}
BACKED_UP |= {metric: Level(0, 0) for metric in NEEDED.values()}
OF_BACKUPS = [
    Case("BackupTooOld", {'backup_last_success_timestamp_seconds{store="postgres"}': Level(0, -2 * DAY * 60)}),
    Case(
        "BackupMissing",
        {**BACKED_UP, 'backup_last_success_timestamp_seconds{store="redis"}': Level(0, None)},
        (60, 27 * 60, 60),
    ),
    Case("BackupFailed", {'backup_last_run_ok{job="redis"}': Level(1, 0)}, (60, 60, 60)),
    Case("PointInTimeLost", {'backup_job_last_success_timestamp_seconds{job="wal"}': Level(0, OLD)}, (15, 15, 15)),
    Case("BackupCopyTooOld", {"backup_copy_last_success_timestamp_seconds": Level(0, OLD)}),
    Case("BackupCheckTooOld", {"backup_check_last_success_timestamp_seconds": Level(0, OLD)}),
    Case("RestoreDrillFailed", {"restore_drill_ok": Level(1, 0)}),
    Case(
        "RestoreDrillTooOld",
        {
            "restore_drill_last_success_timestamp_seconds": Level(0, OLD),
            'backup_oldest_timestamp_seconds{store="files"}': Level(OLD, 0),
        },
    ),
    Case("RestoreDrillTooOld", {'backup_oldest_timestamp_seconds{store="files"}': Level(0, OLD)}),
]
ITSELF = [
    Case("TargetDown", {'up{job="api",instance="a"}': Level(1, 0)}),
    Case("RulesFail", {"prometheus_rule_evaluation_failures_total": Count(0, 1)}),
    Case("NotificationsFail", {'alertmanager_notifications_failed_total{integration="slack"}': Count(0, 1)}),
    Case("LogsNotArriving", {"vl_rows_ingested_total": Count(10, 0)}, (60, 60, 60)),
]
CASES = [
    *_burns("Availability", {"Fast": 0.5, "Steady": 0.05, "Slow": 0.02, "Creeping": 0.008}, _errors),
    *_burns("Latency", {"Fast": 0.5, "Steady": 0.1, "Slow": 0.04, "Creeping": 0.015}, _slow),
    *OF_CONTAINERS,
    *OF_STORES,
    *OF_THE_PRODUCT,
    *OUTSIDE,
    *OF_BACKUPS,
    *ITSELF,
]
