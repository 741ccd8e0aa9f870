"""Which containers this stack has for its backups: /run/configuration/jobs.json, written by the Pulumi program."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path("/run/configuration/jobs.json")

STORES = ("postgres", "redis", "files", "neo4j", "state")
"""What a daily run backs up, in this order."""
NEO4J = ("neo4j", "neo4j-dump", "neo4j-count", "backup-neo4j")
"""What a backup of neo4j takes: the service itself comes first."""
POINT_IN_TIME = ("base", "wal")
"""What PostgreSQL's way back to any moment takes: by a clock of their own, or when they are named."""
OTHERS = ("backup-base", "backup-wal", "backup-check", "backup-copy", "backup-key")
DRILLED = ("postgres", "redis", "neo4j")
"""Stores that a drill brings up in a container of their own."""
DRILL = ("drill-fetch", *(f"drill-{store}" for store in DRILLED), "drill-judge")
RESTORES = (
    "restore-fetch",
    "restore-fetch-off-site",
    "restore-postgres",
    "restore-files",
    "restore-redis",
    "restore-neo4j",
    "recover-postgres",
)
KNOWN = frozenset((*(f"backup-{store}" for store in STORES), *NEO4J, *OTHERS, *DRILL, *RESTORES))
NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}")


class JobsFileError(Exception):
    """The file is missing or wrong; the text names file, key and what is allowed."""


@dataclass(frozen=True)
class Jobs:
    """What there is: Docker's names by the names that the platform gives."""

    stack: str
    containers: Mapping[str, str]
    neo4j_grace_seconds: int

    @property
    def stores(self) -> Sequence[str]:
        """The stores that a daily run backs up here."""
        return [store for store in STORES if f"backup-{store}" in self.containers]

    @property
    def all_stores(self) -> Sequence[str]:
        """What can be backed up here when it is named, in the order of a run."""
        return [*self.stores, *(store for store in POINT_IN_TIME if f"backup-{store}" in self.containers)]

    @property
    def drilled(self) -> Sequence[str]:
        """The stores that a drill brings up here."""
        return [store for store in DRILLED if f"drill-{store}" in self.containers]

    @property
    def drills(self) -> bool:
        """Whether a drill can be done."""
        return {"drill-fetch", "drill-judge"} <= self.containers.keys()

    def gone(self, name: str) -> str:
        """What to say when one of these containers is not there."""
        return f"{self.containers[name]} ({name}) is gone: run `pulumi up --refresh --stack {self.stack}`"


def load(path: Path) -> Jobs:
    """What the file says."""
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        raise JobsFileError(f"{path}: no such file; mount the folder that holds it, read-only") from None
    except (OSError, ValueError) as error:
        raise JobsFileError(f"{path}: cannot be read ({error}); allowed is a JSON object") from None
    if not isinstance(content, dict) or content.keys() != {"stack", "containers", "neo4j_grace_seconds"}:
        raise JobsFileError(f"{path}: allowed are exactly the keys stack, containers and neo4j_grace_seconds")
    stack, grace = content["stack"], content["neo4j_grace_seconds"]
    if not isinstance(stack, str) or not re.fullmatch(r"[a-zA-Z0-9_.-]+", stack):
        raise JobsFileError(f"{path}: stack: allowed is the name of a stack")
    if not isinstance(grace, int) or isinstance(grace, bool) or not 0 < grace <= 3600:  # noqa: PLR2004 - an hour
        raise JobsFileError(f"{path}: neo4j_grace_seconds: allowed is a whole number from 1 to 3600")
    return Jobs(stack, _containers(path, content["containers"]), grace)


def _containers(path: Path, found: Any) -> Mapping[str, str]:
    where = f"{path}: containers"
    if not isinstance(found, dict):
        raise JobsFileError(f"{where}: allowed is an object of containers' names")
    for name, container in found.items():
        if name not in KNOWN:
            raise JobsFileError(f"{where}: {name} is unknown; allowed are {', '.join(sorted(KNOWN))}")
        if not isinstance(container, str) or not NAME.fullmatch(container):
            raise JobsFileError(f"{where}: {name}: allowed is the name of a container")
    missing = [name for name in NEO4J if name not in found]
    if "backup-neo4j" in found and missing:
        raise JobsFileError(f"{where}: a backup of neo4j takes {', '.join(missing)}, too")
    return found
