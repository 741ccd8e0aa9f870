"""The other ways back: the uploads' folder, data for the stores' own images, and a repository from off-site."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from backup import exchange, folders, manifest, neo4j, postgres, redis, repository, settings, upkeep, wal
from backup.manifest import Facts, Head, Manifest
from backup.repository import Repository
from backup.results import Result, put
from backup.settings import JobError, Request, SettingsError

EXPECTED, EXPECTED_ROWS = "expected.json", "expected.tsv"
"""The facts that a copy must have, for those who load it: as JSON, and as rows of a name, a tab and a value."""
TARGET, LATEST, COVERED = "target", "latest", "covered"
"""What PostgreSQL is to be recovered to, and that the log is known to reach it."""
FETCHED = {"redis": redis.FILE, "neo4j": neo4j.FILE}


def files(request: Request, result: Result) -> None:
    """Fill a new folder beside the uploads, check it, and put it into their place."""
    fresh = settings.FILES / folders.RESTORING
    with repository.alone() as kept:
        head = note(manifest.find(kept, "files", request.backup), result)
        expected = manifest.load(kept, head)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        try:
            kept.restore(f"{head.data}:/{expected.file}", fresh)
            compare(expected.facts, folders.sums_of_folder(fresh), result)
            folders.swap(settings.FILES)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    # The API takes what it does not know for leftovers; what was replaced is in the backup before this restore.
    shutil.rmtree(settings.FILES / folders.REPLACED)


def fetch(request: Request, result: Result) -> None:
    """Put what a store's own image needs for a restore into /exchange/<store>."""
    store = request.need("store")
    with repository.alone() as kept:
        if store in FETCHED:
            fetch_file(kept, note(manifest.find(kept, store, request.backup), result), exchange.emptied(store))
        elif store == "state":
            head = note(manifest.find(kept, store, request.backup), result)
            kept.restore(f"{head.data}:/state", exchange.emptied("state"))
        elif store == "base":
            fetch_recovery(kept, request, result)
        else:
            raise SettingsError(f"request.json: store: allowed are {', '.join(FETCHED)}, state and base")


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
    folder = exchange.emptied("recover")
    fetch_file(kept, base, folder)
    received = exchange.emptied("recover", "wal")
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
