"""The folder that the scheduler and the jobs share: where what lies, and how it is put there whole."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEPT = 100
"""So many runs, and as many reports of drills, are kept; the newest."""


class BusyError(Exception):
    """Another run is under way; the text says which."""


@dataclass(frozen=True)
class Work:
    """/work, or a test's."""

    root: Path = Path("/work")

    @property
    def request(self) -> Path:
        """What the next job is to do."""
        return self.root / "request.json"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger.json"

    @property
    def timetable(self) -> Path:
        return self.root / "timetable.json"

    @property
    def pause(self) -> Path:
        """There as long as neo4j may be stopped because of a backup."""
        return self.root / "neo4j-stopped.json"

    @property
    def stopped(self) -> Path:
        """There as long as a restore has services stopped: `containers` by the platform's names, `why`, `since`.

        `by_hand` are those of a restore that died which the scheduler cannot start.
        """
        return self.root / "stopped.json"

    @property
    def imported(self) -> Path:
        """There from an import until PostgreSQL was restored from it: the stack has not yet what its backups hold."""
        return self.root / "imported.json"

    def result(self, job: str) -> Path:
        """What a job did."""
        return self.root / "results" / f"{job}.json"

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Nobody else runs anything while this lasts; BusyError when somebody does already."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("a+") as lock:
            lock.seek(0)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BusyError(f"another run is under way: {lock.read().strip() or 'just begun'}") from None
            lock.truncate(0)
            lock.write(f"{what}\n")
            lock.flush()
            yield


def put(path: Path, content: Any) -> None:
    """Write JSON; whoever reads finds the old or the new, even after a power failure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("w") as file:
        json.dump(content, file, indent=1, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def read(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty when there is none, or none that can be read."""
    with suppress(OSError, ValueError):
        content = json.loads(path.read_text())
        if isinstance(content, dict):
            return content
    return {}


def keep_newest(folder: Path, count: int = KEPT) -> None:
    """Remove the oldest files of a folder whose names begin with a time."""
    for path in sorted(folder.glob("*.json"))[:-count]:
        path.unlink(missing_ok=True)
