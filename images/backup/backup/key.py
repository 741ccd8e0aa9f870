"""The repository's key: made once, and exchanged for another one without a backup being out of reach meanwhile."""

import json
import logging
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


PUT = "`research backup key --put <file>`"


def make() -> None:
    """Make the key, unless there is one, or a repository that another one opens."""
    if settings.GIVEN_KEY.exists() or settings.KEPT_KEY.exists():
        return
    if repository.is_there():
        lost = f"{settings.KEPT_KEY} is gone, and it opens a repository that is there: no other key is made"
        logging.error("%s; bring it back with %s", lost, PUT)
        return
    _write(settings.KEPT_KEY)


def put(text: str) -> str:
    """Put a key into its place once it has opened the repository, when there is one; a sentence on that."""
    _refuse_given()
    if len(text.strip().splitlines()) != 1:
        raise SettingsError("standard input: allowed is one line, a key as `research backup key` prints it")
    kept = settings.KEPT_KEY
    with repository.held():
        if kept.with_name(FORMER).exists():
            raise JobError("the key is being exchanged: let `research backup rotate-key` come to its end first")
        tried = _laid(kept, text.strip())
        try:
            if opens := repository.is_there():
                _refuse_another(tried)
            tried.rename(kept)
        finally:
            tried.unlink(missing_ok=True)
    return f"{kept} is in its place" + (f" and opens {settings.REPOSITORY}" if opens else "")


def job(_request: Request, result: Result) -> None:
    """Exchange the key of the repository and of its copy elsewhere; killed at any moment, the next run goes on."""
    _refuse_given()
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
        left = [told for target in targets if (told := _remove(target, former))]
        former.unlink()
    result.report = {"places": len(targets), **({"left": left} if left else {})}


@contextmanager
def _targets() -> Iterator[list[Target]]:
    with repository.alone() as kept:
        elsewhere = [repository.off_site().target] if settings.off_site() else []
        yield [kept.target, *elsewhere]


def _refuse_given() -> None:
    if settings.GIVEN_KEY.exists():
        raise SettingsError(f"{settings.GIVEN_KEY}: the key was given from outside: exchange it there")


def _refuse_another(file: Path) -> None:
    if not _id(replace(repository.local().target, key=file)):
        raise JobError(f"that key does not open {settings.REPOSITORY}: nothing was changed; look for the right one")


def _write(path: Path) -> None:
    _laid(path, secrets.token_urlsafe(32)).rename(path)


def _laid(path: Path, key: str) -> Path:
    """A key on the disk beside the place that it is to get."""
    part = path.with_name(f".{path.name}.part")
    part.touch(mode=0o600)
    part.chmod(0o600)
    with part.open("w") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return part


def _add(target: Target, file: Path) -> None:
    if not _id(replace(target, key=file)):
        restic.call(target, "key", "add", "--new-password-file", str(file))


def _remove(target: Target, file: Path) -> str:
    """Remove a key; a sentence for the owner of a place from which nothing may be taken, where the key stays."""
    found = _id(replace(target, key=file))
    if found and found == _id(target):
        raise JobError(f"{file} holds the key in {target.key}: the one that is in use is not removed")
    code, _, said = restic.attempt(target, "key", "remove", found) if found else (0, "", "")
    if code != 0 and not restic.takes_nothing_away(said):
        raise JobError(restic.reason(target, code, said))
    place = restic.place(target.address)
    how = f"its owner has to remove that, with the new key: `restic -r {place} key remove {found}`"
    return f"{place} may be added to and not be taken from, and the old key still opens it: {how}" if code else ""


def _id(target: Target) -> str:
    """The name that the repository has for a key; empty when the key does not open it."""
    code, printed, said = restic.attempt(target, "key", "list", "--json", "--no-lock")
    if code == WRONG_KEY:
        return ""
    if code != 0:
        raise JobError(restic.reason(target, code, said))
    return str(next(one["id"] for one in json.loads(printed) if one["current"]))
