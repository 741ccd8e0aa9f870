"""Upkeep of the repository: what is old or half goes, what is there is read again, and a copy of it goes off-site."""

import re
import socket
from collections.abc import Callable, Iterable
from datetime import datetime
from urllib.parse import urlsplit

from backup import doubt, manifest, repository, restic, settings
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
    """Forget what does not stay, then check that all is there, with a part of the data read.

    JobError after it, too, when nothing was forgotten because the clock is doubtful; `force` says that it is right.
    """
    retention, moment = _retention(), now()
    with repository.alone() as kept:
        snapshots = kept.snapshots()
        heads = manifest.counting(snapshots)
        doubtful = "" if request.force else doubt.doubt(retention, heads, moment)
        stay = retention.kept(doubt.without_future(heads, moment), moment)
        gone = set() if doubtful else superfluous(snapshots, stay)
        if not doubtful:
            kept.forget(gone)
        kept.check(_part(moment))
        result.repository_bytes, result.backups = repository.size(), tallied(heads if doubtful else stay)
        result.report = {"forgotten": len(gone), "kept": len(snapshots) - len(gone)}
    if doubtful:
        raise JobError(doubtful)


def _retention() -> Retention:
    return Retention(settings.number("KEEP_DAYS", 1), settings.number("KEEP_MONTHS"))


def tallied(heads: Iterable[Head]) -> dict[str, dict[str, float]]:
    """By store: how many backups, and the Unix time of the oldest."""
    taken: dict[str, list[float]] = {}
    for head in heads:
        taken.setdefault(head.store, []).append(datetime.fromisoformat(head.taken).timestamp())
    return {store: {"count": len(times), "oldest": min(times)} for store, times in taken.items()}


def verify(request: Request, result: Result) -> None:
    """Check that all is there and read this day's part of the data, or the `whole` of it; nothing is taken away."""
    with repository.alone() as kept:
        kept.check(None if request.whole else _part(now()))
        heads = manifest.counting(kept.snapshots())
    read = "every byte was read" if request.whole else f"1 of {PARTS} parts of the data was read"
    result.report = {"verified": f"{len(heads)} backups, nothing is missing, {read} and is good"}


def _part(moment: datetime) -> str:
    """Which part of the data is read on this day, in restic's words."""
    return f"{moment.toordinal() % PARTS + 1}/{PARTS}"


def forget_off_site(*, force: bool) -> str:
    """Forget off-site what does not stay: for who may take away there, as the stack's own credentials need not.

    What has no manifest is left: it may be on its way. JobError when the clock is doubtful and `force` does not say
    that it is right.
    """
    away, retention, moment = repository.off_site(), _retention(), now()
    reach(away.target.address)
    heads = manifest.counting(away.snapshots())
    if not force and (
        doubtful := doubt.doubt(retention, heads, moment, way_out="python -m backup forget-off-site --force")
    ):
        raise JobError(doubtful)
    stay = {head.manifest for head in retention.kept(doubt.without_future(heads, moment), moment)}
    gone = [head for head in heads if head.manifest not in stay]
    if gone:
        away.forget({one for head in gone for one in (head.data, head.manifest)})
    place = restic.place(away.target.address)
    return f"off-site copy {place}: {len(gone)} of {len(heads)} backups were too old and are gone"


def copy(_request: Request, result: Result) -> None:
    """Add to the off-site copy what counts and is not in it yet; nothing is ever taken from it."""
    away = repository.off_site()
    reach(away.target.address)
    with repository.alone() as kept:
        away.ensure(like=kept)
        result.report = {"copied": copied_off_site(kept, away)}


def copied_off_site(source: Repository, target: Repository) -> int:
    """As `copied`; of the log, kept every few minutes, the newest since each base alone, which holds the others."""
    newest = {(head.system, head.first): head for head in manifest.counting(source.snapshots()) if head.store == "wal"}
    wanted = {head.manifest for head in newest.values()}
    return copied(source, target, lambda head: head.store != "wal" or head.manifest in wanted)


def copied(source: Repository, target: Repository, wanted: Callable[[Head], bool] = lambda _: True) -> int:
    """Copy what counts, is wanted and is not there yet, manifests last; return how many backups."""
    there = {snapshot.original for snapshot in target.snapshots()}
    snapshots = source.snapshots()
    originals = {snapshot.id: snapshot.original for snapshot in snapshots}

    def missing(head: Head) -> bool:
        return originals[head.manifest] not in there and wanted(head)

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
