"""Upkeep of the repository: what is old or half goes, what is there is read again, and a copy of it goes off-site."""

import re
import socket
from urllib.parse import urlsplit

from backup import manifest, repository, restic, settings
from backup.manifest import Head
from backup.repository import Repository
from backup.results import Result, now
from backup.retention import Retention, superfluous
from backup.settings import JobError, Request

PARTS = 7
"""In so many days each byte has been read once."""
PORTS = {"http": 80, "https": 443}
REACH_SECONDS = 10


def check(request: Request, result: Result) -> None:
    """Forget what does not stay, then check that all is there, with a part of the data read."""
    retention = Retention(settings.number("KEEP_DAYS", 1), settings.number("KEEP_MONTHS"))
    with repository.alone() as kept:
        snapshots = kept.snapshots()
        heads = retention.kept(manifest.counting(snapshots), now())
        gone = superfluous(snapshots, heads)
        kept.forget(gone)
        kept.check(None if request.whole else f"{now().toordinal() % PARTS + 1}/{PARTS}")
        result.repository_bytes = repository.size()
        result.report = {"forgotten": len(gone), "kept": len(snapshots) - len(gone)}


def verify(*, whole: bool) -> str:
    """Check that all is there, with a part of the data read, or all of them; a sentence on what was found."""
    with repository.alone() as kept:
        kept.check(None if whole else f"{now().toordinal() % PARTS + 1}/{PARTS}")
        heads = manifest.counting(kept.snapshots())
    read = "every byte was read" if whole else f"1 of {PARTS} parts of the data was read"
    return f"repository {settings.REPOSITORY}: {len(heads)} backups, nothing is missing, {read} and is good"


def copy(_request: Request, result: Result) -> None:
    """Add to the off-site copy what counts and is not in it yet; nothing is ever taken from it."""
    away = repository.off_site()
    reach(away.target.address)
    with repository.alone() as kept:
        away.ensure(like=kept)
        result.report = {"copied": copied(kept, away)}


def copied(source: Repository, target: Repository) -> int:
    """Copy what counts and is not there yet, manifests last; return how many backups."""
    there = {snapshot.original for snapshot in target.snapshots()}
    snapshots = source.snapshots()
    originals = {snapshot.id: snapshot.original for snapshot in snapshots}

    def missing(head: Head) -> bool:
        return originals[head.manifest] not in there

    heads = [head for head in manifest.counting(snapshots) if missing(head)]
    target.copy_from(source, [head.data for head in heads if originals[head.data] not in there])
    target.copy_from(source, [head.manifest for head in heads])
    return len(heads)


def reach(address: str) -> None:
    """JobError when nobody listens at a repository's address; restic itself would try for a quarter of an hour."""
    place = re.sub(r"^(rest|s3):", "", address)
    if place == address:
        return
    parts = urlsplit(place if "//" in place else f"https://{place}")
    try:
        port = parts.port or PORTS.get(parts.scheme, 443)
        socket.create_connection((parts.hostname or "", port), REACH_SECONDS).close()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        advice = "check OFF_SITE and the network, the next run tries again"
        raise JobError(f"off-site copy {restic.place(address)} does not answer ({why}): {advice}") from None
