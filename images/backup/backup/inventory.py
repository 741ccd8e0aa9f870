"""What people and the scheduler ask of the repository: what is in it."""

import json
import shutil
from dataclasses import asdict
from typing import IO

from backup import folders, manifest, repository


def listing(*, as_json: bool) -> str:
    """All backups that count, newest last: a table for people, or JSON."""
    kept = repository.local()
    heads = manifest.counting(kept.snapshots()) if kept.exists() else []
    if as_json:
        return json.dumps([{key: value for key, value in asdict(head).items() if value != ""} for head in heads])
    rows = [f"{head.backup}  {head.store:<10} {head.bytes / 1e6:>10.1f} MB  {head.taken}" for head in heads]
    return "\n".join(rows) or "no backup yet"


def shown(backup: str, store: str) -> str:
    """The manifest of a store's part of a backup, as JSON."""
    kept = repository.local()
    return json.dumps(asdict(manifest.load(kept, manifest.find(kept, store, backup))), ensure_ascii=False, indent=1)


def hand_out_state(backup: str, to: IO[bytes]) -> None:
    """Write the stack's state of a backup as a tar archive."""
    kept = repository.local()
    head = manifest.find(kept, folders.STATE, backup)
    with kept.stream(f"{head.data}:/{folders.STATE}", "") as archive:
        shutil.copyfileobj(archive, to)
