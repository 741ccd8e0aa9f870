"""The other ways back: the uploads' folder, data for the stores' own images, and a repository from off-site."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

from backup import exchange, folders, manifest, neo4j, postgres, redis, repository, settings, upkeep, wal
from backup.manifest import Facts, Head, Manifest
from backup.repository import Repository
from backup.results import Result
from backup.settings import JobError, Request, SettingsError

RECOVERED, RECOVERED_FACTS = "postgres.dump", "postgres.tsv"
"""What a recovery to a point in time leaves in /exchange: a dump of that moment, and its facts."""


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
    """Put what a store's own image needs for a restore into /exchange."""
    store = request.need("store")
    with repository.alone() as kept:
        if store == "base":
            fetch_recovery(kept, request, result)
            return
        if store not in FETCHED:
            raise SettingsError(f"request.json: store: allowed are {', '.join(FETCHED)} and base")
        FETCHED[store](kept, note(manifest.find(kept, store, request.backup), result))


def _fetch_redis(kept: Repository, head: Head) -> None:
    exchange.removed(redis.FILE, "redis.tsv")
    expected = fetch_file(kept, head, settings.EXCHANGE / redis.FILE)
    exchange.write("redis.tsv", rows(expected.facts))


def _fetch_neo4j(kept: Repository, head: Head) -> None:
    expected = fetch_file(kept, head, exchange.emptied("neo4j") / neo4j.FILE)
    exchange.write("neo4j/expected.json", json.dumps(expected.facts))


def _fetch_state(kept: Repository, head: Head) -> None:
    kept.restore(f"{head.data}:/state", exchange.emptied("state"))


FETCHED = {"redis": _fetch_redis, "neo4j": _fetch_neo4j, "state": _fetch_state}


def fetch_file(kept: Repository, head: Head, target: Path) -> Manifest:
    """Write a store's one file, for every user to read. JobError when it is not as long as what was stored."""
    expected = manifest.load(kept, head)
    with kept.stream(head.data, expected.file) as content, target.open("wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
    if target.stat().st_size != expected.bytes:
        raise JobError(f"{target}: {target.stat().st_size} bytes of {expected.bytes}: nothing was handed over")
    exchange.hand_over(target)
    return expected


def fetch_recovery(kept: Repository, request: Request, result: Result) -> None:
    """Put a base, the log that follows it and the moment to stop at into /exchange/recovery."""
    until = _moment(request.until)
    base, log = wal.chosen(manifest.counting(kept.snapshots()), until)
    note(base, result)
    exchange.removed(RECOVERED, RECOVERED_FACTS)
    exchange.emptied("recovery")
    fetch_file(kept, base, exchange.emptied("recovery", "base") / wal.BASE)
    wal.lay_out_manifest(settings.EXCHANGE / "recovery" / "base")
    received = exchange.emptied("recovery", "wal")
    kept.restore(log.data, received)
    for path in received.iterdir():
        if path.is_file():
            exchange.hand_over(path)
    exchange.write("recovery/facts.sql", postgres.FACTS.read_text())
    exchange.write("recovery/target", f"{until or 'latest'}\n")
    result.report = {"until": until or "latest", "log": log.taken}


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
    """JobError when a copy has other facts than its manifest."""
    told = manifest.differences(expected, found)
    result.facts_equal, result.differences = not told, told
    if told:
        count = f"{len(told)} differences in the result"
        raise JobError(f"what was restored is not what was backed up, nothing was changed: {told[0]} ({count})")


def rows(facts: Facts) -> str:
    """Facts as the stores' shells write and read them: a name, a tab and a value."""
    return "".join(f"{name}\t{value}\n" for name, value in facts.items())


def read_rows(path: Path) -> Facts:
    """The facts in such a file. JobError when it is not there."""
    try:
        return dict(line.split("\t", 1) for line in path.read_text().splitlines())
    except (OSError, ValueError):
        raise JobError(
            f"{path}: no rows of a name, a tab and a value: look at the log of what should write it"
        ) from None


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
