"""Neo4j: the dump and the facts that its own image left in /exchange/neo4j."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backup import exchange, manifest, repository, settings
from backup.manifest import Facts
from backup.results import Result
from backup.settings import JobError, Request

FILE, FACTS, DONE = "neo4j.dump", "facts.json", "dump.json"


def job(request: Request, result: Result) -> None:
    """Store the dump with its facts; whatever happens, it does not stay in /exchange."""
    part = manifest.begin("neo4j", request, result)
    folder = settings.EXCHANGE / "neo4j"
    try:
        taken, facts = _taken(folder), _facts(folder)
        with repository.alone() as kept:
            stored = kept.keep_folder(folder, part.tags("data"), what=FILE)
            result.snapshot, result.bytes = stored.snapshot, stored.bytes
            manifest.store(kept, manifest.made(part, stored, facts, file=FILE, taken=taken))
    finally:
        exchange.cleared(folder)


def _facts(folder: Path) -> Facts:
    """What the dump holds, as the one who loaded it counted."""
    facts = _read(folder / FACTS)
    if not facts or not all(isinstance(value, str | int | float | bool) for value in facts.values()):
        raise JobError(f"{folder / FACTS}: allowed is a JSON object of facts: let neo4j-count run again")
    return facts


def _taken(folder: Path) -> datetime:
    """When the dump was made. JobError when it is not as long as it was then."""
    try:
        found = (folder / FILE).stat()
    except OSError as error:
        raise JobError(f"{folder / FILE}: {error.strerror}: let neo4j-dump run first, and look at its log") from None
    size = _read(folder / DONE).get("bytes", found.st_size) if (folder / DONE).exists() else found.st_size
    if not found.st_size or found.st_size != size:
        raise JobError(f"{folder / FILE}: cut off: {found.st_size} bytes of {size}; let neo4j-dump run again")
    return datetime.fromtimestamp(found.st_mtime, UTC)


def _read(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text())
    except OSError as error:
        raise JobError(f"{path}: {error.strerror}: let neo4j-count run first, and look at its log") from None
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise JobError(f"{path}: not a JSON object; let neo4j-dump and neo4j-count run again")
    return read
