"""Alerts about backups: there is a fresh one, a copy elsewhere, and somebody has tried to restore it."""

from collections.abc import Iterator

from monitoring.alert import Alert
from monitoring.watched import Stack

MINUTE, HOUR, DAY = 60, 3600, 86400
BACKUP_HOURS = 26
"""A day, and as long as a large backup takes."""
WAL_MINUTES = 60
"""Four times in a row nothing was kept."""
CHECK_DAYS = 3
DRILL_DAYS = 35
NEEDED = {
    "the WAL": 'backup_job_last_success_timestamp_seconds{job="wal"}',
    "the repository's check": "backup_check_last_success_timestamp_seconds",
}
"""What has to have happened, too, for backups to be worth something."""
DRILLED = "max(restore_drill_last_success_timestamp_seconds)"
BEGUN = "min(backup_oldest_timestamp_seconds)"
"""Where there never was a drill, it is as if there had been one when the oldest backup was made."""
OF_BACKUPS = {"service": "backup"}
STORES = ("postgres", "redis", "files", "neo4j", "state")


def alerts(stack: Stack) -> Iterator[Alert]:
    """Without the metrics of backups they are silent; where a stack makes some, silence is an alert, too."""
    yield Alert(
        name="BackupTooOld",
        expr=_older("max by (store) (backup_last_success_timestamp_seconds)", BACKUP_HOURS * HOUR),
        severity="page",
        labels=OF_BACKUPS,
        summary="There is no fresh backup of {{ $labels.store }}",
        description="The last good one is {{ $value | humanizeDuration }} old.",
    )
    if stack.makes_backups:
        missing = [f'absent(backup_last_success_timestamp_seconds{{store="{store}"}})' for store in STORES]
        missing += [f'label_replace(absent({metric}), "store", "{what}", "", "")' for what, metric in NEEDED.items()]
        yield Alert(
            name="BackupMissing",
            expr=" or ".join(missing),
            lasting=stack.pace.lasting(BACKUP_HOURS * HOUR),
            severity="page",
            labels=OF_BACKUPS,
            summary="Backups: there was never one of {{ $labels.store }}",
            description=f"For {BACKUP_HOURS} hours there has been none that was good.",
        )
    yield Alert(
        name="BackupFailed",
        expr="min by (job) (backup_last_run_ok) == 0",
        lasting=stack.pace.lasting(30 * MINUTE),
        severity="ticket",
        labels=OF_BACKUPS,
        summary="The backup job {{ $labels.job }} failed",
        description="Its last run failed, more than half an hour ago, and none has been good since.",
    )
    yield Alert(
        name="PointInTimeLost",
        expr=_older('max(backup_job_last_success_timestamp_seconds{job="wal"})', WAL_MINUTES * MINUTE),
        severity="page",
        labels=OF_BACKUPS,
        summary="PostgreSQL's WAL is not kept",
        description="For {{ $value | humanizeDuration }} none was stored: to that time nothing can be brought back.",
    )
    yield Alert(
        name="BackupCopyTooOld",
        expr=_older("max(backup_copy_last_success_timestamp_seconds)", BACKUP_HOURS * HOUR),
        severity="page",
        labels=OF_BACKUPS,
        summary="The copy of the backups elsewhere is not fresh",
        description="The last one is {{ $value | humanizeDuration }} old: what came since would be lost with the host.",
    )
    yield Alert(
        name="BackupCheckTooOld",
        expr=_older("max(backup_check_last_success_timestamp_seconds)", CHECK_DAYS * DAY),
        severity="ticket",
        labels=OF_BACKUPS,
        summary="The backups' repository was not found whole lately",
        description="The last good check is {{ $value | humanizeDuration }} ago.",
    )
    yield Alert(
        name="RestoreDrillFailed",
        expr="max(restore_drill_ok) == 0",
        severity="page",
        labels=OF_BACKUPS,
        summary="The last drill could not restore the newest backup",
        description="What was restored is not what its manifests say, or could not be restored at all.",
    )
    yield Alert(
        name="RestoreDrillTooOld",
        expr=_older(f"({DRILLED} or {BEGUN})", DRILL_DAYS * DAY),
        severity="ticket",
        labels=OF_BACKUPS,
        summary="Nobody has tried to restore a backup lately",
        description="The last good drill, or without any the oldest backup, is {{ $value | humanizeDuration }} old.",
    )


def _older(when: str, seconds: int) -> str:
    """Longer ago than that; or ahead by as much, which only a wrong clock has written."""
    return f"abs(time() - {when}) > {seconds}"
