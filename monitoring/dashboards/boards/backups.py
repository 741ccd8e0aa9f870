"""Backups: how old they are, how large, and whether they could be restored."""

from monitoring.alerts.backups import BACKUP_HOURS, DRILL_DAYS
from monitoring.dashboards.panel import (
    Bar,
    Dashboard,
    Panel,
    Query,
    Row,
    Stat,
    Threshold,
    Thresholds,
    high_is_bad,
)

HOUR, DAY = 3600, 86400
GOOD = Thresholds("bad", (Threshold(1, "good"),))


def backups() -> Dashboard:
    """The page of backups."""
    return Dashboard(
        "backups",
        "Backups",
        "How old they are, how large, and whether they could be restored.",
        (Row("Now", _now()), Row("Jobs", _jobs()), Row("Drills", _drills())),
        hours=24 * 7,
    )


def _now() -> tuple[Panel, ...]:
    return (
        Stat(
            title="Oldest",
            description="How old the last good backup is of the store whose is the oldest.",
            unit="seconds",
            queries=(Query("max(time() - max by (store) (backup_last_success_timestamp_seconds))"),),
            thresholds=high_is_bad(DAY, BACKUP_HOURS * HOUR),
        ),
        Stat(
            title="PostgreSQL's WAL",
            description="How long ago it was last stored: so much would be lost with the volume.",
            unit="seconds",
            queries=(Query('time() - max(backup_job_last_success_timestamp_seconds{job="wal"})'),),
            thresholds=high_is_bad(1800, HOUR),
        ),
        Stat(
            title="Found whole",
            description="How long ago the repository was last checked with success.",
            unit="seconds",
            queries=(Query("time() - max(backup_check_last_success_timestamp_seconds)"),),
            thresholds=high_is_bad(2 * DAY, 3 * DAY),
        ),
        Stat(
            title="Jobs that failed",
            description="Whose last run was not good.",
            unit="count",
            queries=(Query("count(min by (job) (backup_last_run_ok) == 0) or vector(0)"),),
            thresholds=Thresholds("good", (Threshold(1, "bad"),)),
        ),
        Stat(
            title="Repository",
            description="On the engine's disk, without the copy elsewhere.",
            unit="bytes",
            queries=(Query("max(backup_repository_bytes)"),),
        ),
        Stat(
            title="Neo4j was away",
            description="For its last backup.",
            unit="seconds",
            queries=(Query("max(backup_neo4j_stopped_seconds)"),),
            thresholds=high_is_bad(120, 600),
        ),
    )


def _jobs() -> tuple[Panel, ...]:
    return (
        Bar(
            title="Data",
            description="In the last good backup of each store, before it is packed.",
            unit="bytes",
            queries=(Query("max by (store) (backup_size_bytes)", "{{store}}"),),
        ),
        Panel(
            title="How long each takes",
            description="Its last run.",
            unit="seconds",
            queries=(Query("max by (job) (backup_duration_seconds)", "{{job}}"),),
        ),
        Panel(
            title="The repository's size",
            description="It grows by what changed since the backup before, and shrinks when old ones go.",
            unit="bytes",
            queries=(Query("max(backup_repository_bytes)", "repository"),),
        ),
    )


def _drills() -> tuple[Panel, ...]:
    return (
        Stat(
            title="Last drill",
            description="Whether the newest backup could be restored, and was what its manifests say.",
            unit="up",
            queries=(Query("min(restore_drill_ok)"),),
            thresholds=GOOD,
        ),
        Stat(
            title="Last good drill",
            description="How long ago; there is one on the first of every month.",
            unit="seconds",
            queries=(Query("time() - max(restore_drill_last_success_timestamp_seconds)"),),
            thresholds=high_is_bad(32 * DAY, DRILL_DAYS * DAY),
        ),
        Bar(
            title="Restored within",
            description="In the last drill, by store: what a restore takes, without the way from elsewhere.",
            unit="seconds",
            queries=(Query("max by (store) (restore_drill_duration_seconds)", "{{store}}"),),
            width=16,
        ),
    )
