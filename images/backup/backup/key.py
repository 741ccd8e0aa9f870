"""The repository's key: made once, and exchanged for another one without a backup being out of reach meanwhile."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from backup import repository, restic, settings
from backup.restic import WRONG_KEY, Target
from backup.results import Result
from backup.settings import JobError, Request, SettingsError

FRESH, FORMER = "backup_key.new", "backup_key.former"
"""Beside the key while it is being exchanged; whichever is there tells how far that came."""


def make() -> None:
    """Make the key, unless there is one."""
    if not settings.GIVEN_KEY.exists() and not settings.KEPT_KEY.exists():
        _write(settings.KEPT_KEY)


def job(_request: Request, result: Result) -> None:
    """Exchange the key of the repository and of its copy elsewhere; killed at any moment, the next run goes on."""
    if settings.GIVEN_KEY.exists():
        raise SettingsError(f"{settings.GIVEN_KEY}: the key was given from outside: exchange it there")
    kept = settings.KEPT_KEY
    fresh, former = kept.with_name(FRESH), kept.with_name(FORMER)
    with _targets() as targets:
        if not former.exists():
            if not fresh.exists():
                _write(fresh)
            for target in targets:
                _add(target, fresh)
            former.write_bytes(kept.read_bytes())
            former.chmod(0o600)
            fresh.rename(kept)
        for target in targets:
            _remove(target, former)
        former.unlink()
    result.report = {"places": len(targets)}


@contextmanager
def _targets() -> Iterator[list[Target]]:
    with repository.alone() as kept:
        elsewhere = [repository.off_site().target] if settings.off_site() else []
        yield [kept.target, *elsewhere]


def _write(path: Path) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(secrets.token_urlsafe(32))
    part.chmod(0o600)
    with part.open() as file:
        os.fsync(file.fileno())
    part.rename(path)


def _add(target: Target, file: Path) -> None:
    if not _id(replace(target, key=file)):
        restic.call(target, "key", "add", "--new-password-file", str(file))


def _remove(target: Target, file: Path) -> None:
    found = _id(replace(target, key=file))
    if found and found == _id(target):
        raise JobError(f"{file} holds the key in {target.key}: the one that is in use is not removed")
    if found:
        restic.call(target, "key", "remove", found)


def _id(target: Target) -> str:
    """The name that the repository has for a key; empty when the key does not open it."""
    code, printed, said = restic.attempt(target, "key", "list", "--json", "--no-lock")
    if code == WRONG_KEY:
        return ""
    if code != 0:
        raise JobError(restic.reason(target, code, said))
    return str(next(one["id"] for one in json.loads(printed) if one["current"]))
