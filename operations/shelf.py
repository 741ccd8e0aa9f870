"""The backups of a stack that is down: its repository is read by a container of its own, without a network."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from docker.errors import ContainerError, ImageNotFound, NotFound

from infra.engine import Engine
from operations.keeper import KEY_FOLDER, UID
from operations.stack_file import StackFile

FRESH_HOURS = 26
"""As old as the newest nightly backup may be; see monitoring/alerts/backups.py."""
OF_BACKUPS = ("backup", "backup-key", "wal-receiver")
"""What stays when a stack's data is removed."""
STORES = ("postgres", "files", "redis", "neo4j")


class Shelf:
    """What is kept of a stack, whether or not that runs."""

    def __init__(self, engine: Engine, file: StackFile) -> None:
        self._client = engine.client
        self._prefix = f"{file.project}-{file.stack}-"
        self._image = f"{file.project}/backup:{file.stack}"

    def keeps(self, volume: str) -> bool:
        """Whether a volume holds backups, or what opens them."""
        return volume.removeprefix(self._prefix) in OF_BACKUPS

    @property
    def exists(self) -> bool:
        """Whether there is a repository on this engine."""
        try:
            self._client.volumes.get(f"{self._prefix}backup")
        except NotFound:
            return False
        return True

    def missing(self) -> str:
        """Which stores have no fresh backup, and since when; empty when all have one."""
        return missing(self._listed())

    def _listed(self) -> list[dict[str, Any]]:
        """The oldest first; none when nobody can read the repository any more."""
        volumes = {
            f"{self._prefix}backup": {"bind": "/repository", "mode": "rw"},
            f"{self._prefix}backup-key": {"bind": KEY_FOLDER, "mode": "ro"},
        }
        try:
            printed: bytes = self._client.containers.run(
                self._image,
                ["list", "--json"],
                remove=True,
                user=str(UID),
                network_mode="none",
                read_only=True,
                cap_drop=["ALL"],
                tmpfs={"/tmp": "size=64m", "/work": f"size=1m,uid={UID}"},  # noqa: S108 - mounts of its own
                volumes=volumes,
            )
        except (ContainerError, ImageNotFound):
            return []
        found: list[dict[str, Any]] = json.loads(printed)
        return found


def missing(listed: Sequence[Mapping[str, Any]], stores: Sequence[str] = STORES) -> str:
    """Which of the stores have no fresh backup among those listed, the oldest first; empty when all have one."""
    newest = {one["store"]: one["taken"] for one in listed}
    limit = datetime.now(UTC) - timedelta(hours=FRESH_HOURS)
    old = [store for store in stores if store not in newest or datetime.fromisoformat(newest[store]) < limit]
    return ", ".join(f"{store} (last {newest.get(store, 'never')})" for store in old)
