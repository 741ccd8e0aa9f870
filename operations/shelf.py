"""The backups of a stack that is down: its repository is read by a container of its own, without a network."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from docker.errors import ContainerError, ImageNotFound, NotFound

from infra.engine import Engine
from monitoring.alerts.backups import BACKUP_HOURS
from operations.exit_codes import ExitCode, OperationError
from operations.keeper import KEY_FOLDER, UID
from operations.restore_plan import STORES
from operations.running_stack import RunningStack
from operations.stack_file import StackFile

OF_BACKUPS = ("backup", "backup-key", "wal-receiver")
"""What stays when a stack's data is removed."""
COPIED = ("backup", "backup-key")
COPY = """import pathlib, shutil
for target in pathlib.Path("/to").iterdir():
    for old in target.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    shutil.copytree(pathlib.Path("/from", target.name), target, dirs_exist_ok=True)
"""
CONFINED: dict[str, Any] = {
    "remove": True,
    "user": str(UID),
    "network_mode": "none",
    "read_only": True,
    "cap_drop": ["ALL"],
}


class Shelf:
    """What is kept of a stack, whether or not that runs."""

    def __init__(self, engine: Engine, file: StackFile) -> None:
        self._client = engine.client
        self.prefix = f"{file.project}-{file.stack}-"  # of the names of its volumes
        self._image = f"{file.project}/backup:{file.stack}"

    def keeps(self, volume: str) -> bool:
        """Whether a volume holds backups, or what opens them."""
        return volume.removeprefix(self.prefix) in OF_BACKUPS

    @property
    def exists(self) -> bool:
        """Whether there is a repository on this engine."""
        try:
            self._client.volumes.get(f"{self.prefix}backup")
        except NotFound:
            return False
        return True

    def missing(self, stores: Sequence[str] = STORES) -> str:
        """Which of the stores have no fresh backup, and since when; empty when all have one."""
        newest = {one["store"]: one["taken"] for one in (self._listed() if self.exists else [])}
        limit = datetime.now(UTC) - timedelta(hours=BACKUP_HOURS)
        old = [store for store in stores if store not in newest or datetime.fromisoformat(newest[store]) < limit]
        return ", ".join(f"{store} (last {newest.get(store, 'never')})" for store in old)

    def filled_from(self, other: "Shelf") -> None:
        """Replace everything by what another one keeps."""
        volumes = {
            **{f"{other.prefix}{name}": {"bind": f"/from/{name}", "mode": "ro"} for name in COPIED},
            **{f"{self.prefix}{name}": {"bind": f"/to/{name}", "mode": "rw"} for name in COPIED},
        }
        self._client.containers.run(self._image, ["-c", COPY], entrypoint=["python"], volumes=volumes, **CONFINED)

    def _listed(self) -> list[dict[str, Any]]:
        """The oldest first; none when nobody can read the repository any more."""
        volumes = {
            f"{self.prefix}backup": {"bind": "/repository", "mode": "rw"},
            f"{self.prefix}backup-key": {"bind": KEY_FOLDER, "mode": "ro"},
        }
        try:
            printed: bytes = self._client.containers.run(
                self._image,
                ["list", "--json"],
                tmpfs={"/tmp": "size=64m", "/work": f"size=1m,uid={UID}"},  # noqa: S108 - mounts of its own
                volumes=volumes,
                **CONFINED,
            )
        except (ContainerError, ImageNotFound):
            return []
        found: list[dict[str, Any]] = json.loads(printed)
        return found


def copied(stack: RunningStack, source: str) -> None:
    """Copy another stack's repository and key over those of a stack. Raises OperationError when there is none."""
    shelf = Shelf(stack.engine, StackFile(source, stack.file.checkout))
    if not shelf.exists:
        raise OperationError(ExitCode.WRONG_USE, f"--from-stack {source}: no backups of it on this engine")
    Shelf(stack.engine, stack.file).filled_from(shelf)
