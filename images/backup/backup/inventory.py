"""What people and the scheduler ask of the repository: what is in it, and its key."""

import json
from dataclasses import asdict, replace
from pathlib import Path

from backup import manifest, repository, restic, settings
from backup.restic import WRONG_KEY, Target
from backup.settings import JobError


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


def key(what: str, file: Path) -> str:
    """Let the key in a file open the repository and its off-site copy too, or no more; a sentence on what was done."""
    settings.secret(file)
    told = []
    with repository.alone() as kept:
        for one in (kept, repository.off_site()) if settings.off_site() else (kept,):
            place = restic.place(one.target.address)
            if what == "add":
                told.append(f"{file} opens {place}, too" if _add(one.target, file) else f"{file} opens {place} already")
            else:
                told.append(
                    f"{file} opens {place} no more" if _remove(one.target, file) else f"{file} opened {place} not"
                )
    return "; ".join(told)


def _add(target: Target, file: Path) -> bool:
    if _id(replace(target, key=file)):
        return False
    restic.call(target, "key", "add", "--new-password-file", str(file))
    return True


def _remove(target: Target, file: Path) -> bool:
    found = _id(replace(target, key=file))
    if found and found == _id(target):
        raise JobError(f"{file} holds the key in {target.key}: only a key that is not in use any more can be removed")
    if found:
        restic.call(target, "key", "remove", found)
    return bool(found)


def _id(target: Target) -> str:
    """The name that the repository has for a key; empty when the key does not open it."""
    code, printed, said = restic.attempt(target, "key", "list", "--json", "--no-lock")
    if code == WRONG_KEY:
        return ""
    if code != 0:
        raise JobError(restic.reason(target, code, said))
    return str(next(one["id"] for one in json.loads(printed) if one["current"]))
