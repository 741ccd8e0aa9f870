"""What people and the scheduler ask of the repository: what is in it."""

import json
from dataclasses import asdict

from backup import manifest, repository


def listing(*, as_json: bool) -> str:
    """All backups that count, newest last: a table for people, or JSON."""
    kept = repository.local()
    heads = manifest.counting(kept.snapshots()) if kept.exists() else []
    if as_json:
        return json.dumps([{key: value for key, value in asdict(head).items() if value != ""} for head in heads])
    rows = [f"{head.backup}  {head.store:<10} {head.bytes / 1e3:>14,.1f} kB  {head.taken}" for head in heads]
    return "\n".join(rows) or "no backup yet"


def shown(backup: str, store: str) -> str:
    """The manifest of a store's part of a backup, as JSON."""
    kept = repository.local()
    return json.dumps(asdict(manifest.load(kept, manifest.find(kept, store, backup))), ensure_ascii=False, indent=1)
