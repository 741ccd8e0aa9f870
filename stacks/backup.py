"""What a stack may choose about its backups."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.values import Frozen

BACKUP_LIMITS: Mapping[str, Mapping[str, float]] = {
    "backup-engine": {"cpus": 0.25, "memory_mb": 48},
    "backup": {"cpus": 0.25, "memory_mb": 128},
    "wal-receiver": {"cpus": 0.25, "memory_mb": 64},
}
"""What a stack with backups gives to the services that it then has, where it says nothing else."""

JOB_CPUS = 1.0
JOB_MEMORY_MB = 512
"""What each backup, restore and drill gets (MiB): restic's index, and a scratch Redis.

restic's check took 85 of 1 GB of data, 126 with 200,000 files beside it: 0.2 more for each thousand pieces.
"""
GRAPH_JOB_MEMORY_MB = 2048
"""The most that a job gets which opens a dump of Neo4j, whatever Neo4j itself has; they run beside it."""


def graph_job_memory_mb(neo4j_mb: int) -> int:
    """What a job gets that opens a dump of Neo4j (MiB): as much as Neo4j, up to what a large graph takes."""
    return min(neo4j_mb, GRAPH_JOB_MEMORY_MB)


def redis_job_memory_mb(redis_mb: int) -> int:
    """What a job gets that opens all that Redis holds (MiB): as much as Redis, and half of that to rewrite it."""
    return max(JOB_MEMORY_MB, redis_mb * 3 // 2)


def _repository(address: str) -> str:
    if not re.fullmatch(r"(rest:https?://|s3:(https?://)?)[^\s@?#]+", address):
        raise ValueError(
            "write rest:https://<host>/<path> or s3:https://<host>/<bucket>, without a user or a password: those are "
            "the secret off_site_credentials"
        )
    return address


class Backup(Frozen):
    """When backups are made, how long they are kept, and where a copy goes.

    `at` is a time of day in UTC, when Neo4j is away for about a minute. The last `keep_days` days and then
    `keep_months` months are kept. `off_site` is a repository as restic writes it, reached with the secret
    `off_site_credentials`.
    """

    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "03:30"
    keep_days: Annotated[int, Field(ge=1, le=366)] = 30
    keep_months: Annotated[int, Field(ge=0, le=120)] = 12
    off_site: Annotated[str, AfterValidator(_repository)] | None = None
