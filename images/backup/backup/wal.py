"""Point-in-time recovery of PostgreSQL: a physical base each week, and the log of all changes since."""

import re
import shutil
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backup import manifest, postgres, repository, settings, space
from backup.manifest import Facts, Head, Part
from backup.received import ASIDE, NOT_LOG, NOTES, Received, complete, received
from backup.repository import Repository
from backup.results import Result, now
from backup.settings import JobError, Request

BASE = "base.tar"
LABEL, CONTROL = "backup_label", "global/pg_control"
IDENTIFIER_BYTES = 8
"""The server's identifier, with which pg_control begins."""
OLDEST = timedelta(minutes=30)
"""A log that is not there up to so long ago is not being received any more."""
LOOK = "look at the log of wal-receiver"
NEW_BASE = "`research backup run --stores base` begins anew, and the scheduler does within a day"


def base_job(request: Request, result: Result) -> None:
    """Store a copy of the server's files, with the log that makes it consistent."""
    server, part = postgres.backup_server(), manifest.begin("base", request, result)
    command = [
        "pg_basebackup",
        "--pgdata=-",
        "--format=tar",
        "--wal-method=fetch",
        "--checkpoint=fast",
        "--no-password",
    ]
    command += ["--manifest-checksums=SHA256", f"--label={part.backup}", *server.place_options()]
    with repository.alone() as kept, server.password_file():
        bases = [head.bytes for head in manifest.counting(kept.snapshots()) if head.store == "base"]
        space.need(settings.REPOSITORY, bases[-1] if bases else 0, "a base as large as the last one")
        stored = kept.keep_command(command, BASE, part.tags("data"))
        result.snapshot, result.bytes = stored.snapshot, stored.bytes
        facts = base_facts(kept, stored.snapshot)
        made = manifest.made(part, stored, facts, file=BASE, taken=now())
        manifest.store(kept, made, f"first:{facts['start segment']}", f"system:{facts['system identifier']}")


def base_facts(kept: Repository, snapshot: str) -> Facts:
    """What the base says of itself. JobError when it is cut off."""
    label, files, system = "", 0, 0
    try:
        with kept.stream(snapshot, BASE) as content, tarfile.open(fileobj=content, mode="r|") as entries:
            for entry in entries:
                files += entry.isfile()
                if entry.name not in (LABEL, CONTROL) or not (file := entries.extractfile(entry)):
                    continue
                if entry.name == LABEL:
                    label = file.read().decode()
                else:
                    system = int.from_bytes(file.read(IDENTIFIER_BYTES), sys.byteorder)
            while content.read(1 << 20):
                pass
    except tarfile.TarError as error:
        raise JobError(f"the base that was just stored is not whole and does not count: {error}") from None
    found = re.search(r"^START WAL LOCATION: (\S+) \(file ([0-9A-F]{24})\)", label, re.MULTILINE)
    if not found or not system:
        raise JobError(
            "the base that was just stored is not whole and does not count: its label or pg_control is missing"
        )
    return {
        "start location": found[1],
        "start segment": found[2],
        "system identifier": str(system),
        "files": files,
    }


def wal_job(request: Request, result: Result) -> None:
    """Store what was received since the newest base that it reaches, then let go what belongs to older ones.

    JobError when that base and the log do not fit, or, after it is stored, when the log is not of now.
    """
    part = manifest.begin("wal", request, result)
    with repository.alone() as kept:
        for aside in sorted(settings.WAL.glob(f"{ASIDE}*")):
            _keep_aside(kept, aside)
        log = received(settings.WAL)
        if not log.segments or log.until is None:
            raise JobError(f"{settings.WAL}: nothing was received yet: {LOOK}")
        heads = manifest.counting(kept.snapshots())
        base = _base(heads, log, result)
        if not any(head.taken == _written(log.until) for head in heads if _is_log_of(head, log.system)):
            _keep(kept, part, settings.WAL, log, result)
        let_go(settings.WAL, log.segments, base.first)
        result.report = {"segments": len(log.segments)}
    age = now() - log.until
    if abs(age) > OLDEST:
        told = f"{abs(age) / timedelta(hours=1):.1f} h {'ago' if age > timedelta() else 'after now'}"
        raise JobError(
            f"the log is there only up to {_written(log.until)}, {told}: {LOOK}, and whether PostgreSQL runs"
        )


def _base(heads: Sequence[Head], log: Received, result: Result) -> Head:
    """The newest base that the log has come to. JobError when it does not lead from there without a gap."""
    own = [head for head in heads if head.store == "base" and head.system == log.system]
    reached = [head for head in own if head.first[8:] <= log.segments[-1][8:]]
    if own and not reached:
        raise JobError(f"what was received ends before the base {own[-1].backup}: {LOOK}")
    result.report = {"base_wanted": True}
    if not own:
        raise JobError(f"there is no base of the server {log.system} whose log this is: {NEW_BASE}")
    if reached[-1].first not in log.segments:
        raise JobError(
            f"the log has a gap: the base {reached[-1].backup} begins with {reached[-1].first}, and without a gap "
            f"there is only what follows {log.segments[0]}: {NEW_BASE}"
        )
    return reached[-1]


def _keep(kept: Repository, part: Part, folder: Path, log: Received, result: Result | None = None) -> None:
    """Store a folder's log as what there is until the moment that was noted."""
    # restic would leave out what lies below a folder of such a name, too.
    leave_out = NOTES if folder.name.startswith(ASIDE) else NOT_LOG
    stored = kept.keep_folder(folder, part.tags("data"), leave_out=leave_out)
    first, last, count = log.segments[0], log.segments[-1], len(log.segments)
    facts: Facts = {"first": first, "last": last, "segments": count, "system identifier": log.system}
    made = manifest.made(part, stored, facts, taken=log.until)
    manifest.store(kept, made, f"first:{first}", f"system:{log.system}")
    if result:
        result.snapshot, result.bytes = stored.snapshot, stored.bytes


def _keep_aside(kept: Repository, folder: Path) -> None:
    """Store the log of a server that is not there any more as such, then remove it."""
    log = received(folder)
    if log.system and log.segments:
        log = replace(log, until=log.until or _touched(folder))
        _keep(kept, Part(folder.name.removeprefix(ASIDE), "wal"), folder, log)
    shutil.rmtree(folder)


def _touched(folder: Path) -> datetime:
    """When the last of the log came: what is known when its receiver has noted nothing."""
    return datetime.fromtimestamp(max(path.stat().st_mtime for path in folder.glob("[0-9A-F]*")), UTC)


def _is_log_of(head: Head, system: str) -> bool:
    return head.store == "wal" and head.system == system


def _written(moment: datetime) -> str:
    """As in a manifest."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def let_go(folder: Path, stored: list[str], needed: str) -> None:
    """Remove segments from before the one that is needed; the newest of those that are stored stays."""
    for name in complete(folder):
        if name < min(needed, stored[-1]):
            for there in (name, f"{name}.partial"):
                (folder / there).unlink(missing_ok=True)


def chosen(heads: list[Head], until: str) -> tuple[Head, Head]:
    """The base, and the log that leads from it to a moment (ISO in UTC; empty: as far as there is)."""
    bases = [head for head in heads if head.store == "base" and (not until or head.taken <= until)]
    if not bases:
        oldest = next((head.taken for head in heads if head.store == "base"), "none")
        raise JobError(f"no base from before {until or 'now'}: the oldest is of {oldest}; name a later moment")
    base = bases[-1]
    logs = [head for head in heads if _is_log_of(head, base.system)]
    logs = [head for head in logs if head.first <= base.first and head.taken > base.taken]
    late = [head for head in logs if until and head.taken >= until]
    if not logs or (until and not late):
        newest = logs[-1].taken if logs else "none"
        raise JobError(
            f"the log since the base {base.backup} reaches to {newest}, not to {until or 'now'}: let job wal run"
        )
    return base, late[0] if until else logs[-1]
