"""The other ways back: the uploads' folder, data for the stores' own images, and a repository from off-site."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from backup import exchange, folders, manifest, neo4j, postgres, redis, repository, settings, space, upkeep, wal
from backup.manifest import Facts, Head, Manifest
from backup.repository import Repository
from backup.results import Result, put
from backup.settings import JobError, Request, SettingsError

EXPECTED, EXPECTED_ROWS = "expected.json", "expected.tsv"
"""The facts that a copy must have, for those who load it: as JSON, and as rows of a name, a tab and a value."""
RECOVER, RECOVERED = "recover", "recovered"
"""Folders below /exchange: what PostgreSQL is recovered from, and what came of it."""
TARGET, LATEST, COVERED = "target", "latest", "covered"
"""What PostgreSQL is to be recovered to, and that the log is known to reach it."""
FETCHED = {"redis": redis.FILE, "neo4j": neo4j.FILE}


def files(request: Request, result: Result) -> None:
    """Fill a new folder beside the uploads, check it, and put it into their place."""
    folders.mend(settings.FILES)
    fresh = settings.FILES / folders.RESTORING
    with repository.alone() as kept:
        head = note(manifest.find(kept, "files", request.backup), result)
        expected = manifest.load(kept, head)
        fresh.mkdir()
        try:
            kept.restore(f"{head.data}:/{expected.file}", fresh)
            compare(expected.facts, folders.sums_of_folder(fresh), result)
            # What is to replace the files is on the disk before those go.
            os.sync()
            # What was replaced does not stay: it is in the backup before this restore.
            folders.swap(settings.FILES)
        except BaseException:
            folders.mend(settings.FILES)
            raise


def fetch(request: Request, result: Result) -> None:
    """Put what a store's own image needs for a restore into /exchange/<store>."""
    store = request.need("store")
    with repository.alone() as kept:
        if store in FETCHED:
            head, folder = note(manifest.find(kept, store, request.backup), result), exchange.emptied(store)
            space.need(settings.EXCHANGE, head.bytes * space.TAKES[store], f"a restore of {store}")
            fetch_file(kept, head, folder)
        elif store == folders.STATE:
            head = note(manifest.find(kept, store, request.backup), result)
            kept.restore(f"{head.data}:/{store}", exchange.emptied(store))
        elif store == "base":
            fetch_recovery(kept, request, result)
        else:
            raise SettingsError(f"request.json: store: allowed are {', '.join(FETCHED)}, state and base")


def clear(_request: Request, _result: Result) -> None:
    """Remove what was fetched, at the end of a restore."""
    for name in (*FETCHED, folders.STATE, RECOVER, RECOVERED):
        exchange.cleared(settings.EXCHANGE / name)


def fetch_file(kept: Repository, head: Head, folder: Path) -> Manifest:
    """Put a store's one file and the facts that it must have into a folder. JobError when it is not what was stored."""
    expected = manifest.load(kept, head)
    target = folder / expected.file
    with kept.stream(head.data, expected.file) as content, target.open("wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
    if target.stat().st_size != expected.bytes:
        raise JobError(f"{target}: {target.stat().st_size} bytes of {expected.bytes}: nothing was handed over")
    put(folder / EXPECTED, expected.facts)
    (folder / EXPECTED_ROWS).write_text("".join(f"{name}\t{value}\n" for name, value in expected.facts.items()))
    for path in (target, folder / EXPECTED, folder / EXPECTED_ROWS):
        exchange.hand_over(path)
    return expected


def fetch_recovery(kept: Repository, request: Request, result: Result) -> None:
    """Put a base, the log that follows it and the moment to stop at into /exchange/recover."""
    until = _moment(request.until)
    base, log = wal.chosen(manifest.counting(kept.snapshots()), until)
    note(base, result)
    folder = exchange.emptied(RECOVER)
    takes = sum(head.bytes * space.TAKES[head.store] for head in (base, log))
    space.need(settings.EXCHANGE, takes, "a recovery of PostgreSQL")
    fetch_file(kept, base, folder)
    received = exchange.emptied(RECOVER, "wal")
    kept.restore(log.data, received)
    for path in received.iterdir():
        if path.is_file():
            exchange.hand_over(path)
    texts = {TARGET: until or LATEST, "facts.sql": postgres.FACTS.read_text(), **({COVERED: ""} if until else {})}
    for name, text in texts.items():
        (folder / name).write_text(text)
        exchange.hand_over(folder / name)
    result.report = {"until": until or LATEST, "base": base.backup, "log": log.taken}


def fetch_repository(_request: Request, result: Result) -> None:
    """Fill an empty repository from the off-site copy: what a lost host's stack begins with."""
    away = repository.off_site()
    upkeep.reach(away.target.address)
    if not away.exists():
        raise JobError(f"off-site copy {settings.off_site()}: there is no repository; nothing was changed")
    with repository.alone(like=away) as kept:
        if kept.snapshots():
            raise JobError(f"{settings.REPOSITORY}: holds backups already; only an empty repository is filled")
        result.report = {"copied": upkeep.copied(away, kept)}
        result.repository_bytes = repository.size()


def note(head: Head, result: Result) -> Head:
    """Tell in the result which backup it is about."""
    result.backup, result.store, result.snapshot, result.bytes = head.backup, head.store, head.data, head.bytes
    return head


def compare(expected: Facts, found: Facts, result: Result) -> None:
    """JobError when a copy has other facts than what it was made from."""
    told = manifest.differences(expected, found)
    result.facts_equal, result.differences = not told, told
    if told:
        count = f"{len(told)} differences in the result"
        raise JobError(f"what was restored is not what was backed up, nothing was changed: {told[0]} ({count})")


def _moment(text: str | None) -> str:
    """The moment in UTC, in the form of manifests; empty when none is named."""
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise SettingsError(
            f"request.json: until: allowed is a time with its zone, as 2026-11-30T10:15:00+00:00, not {text}"
        )
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
