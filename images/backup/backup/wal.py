"""Point-in-time recovery of PostgreSQL: a physical base each week, and the log of all changes since."""

import re
import shutil
import subprocess
import sys
import tarfile
import time
from contextlib import suppress
from pathlib import Path

from backup import manifest, postgres, repository, settings, space
from backup.manifest import Facts, Head
from backup.postgres import Server
from backup.repository import Repository
from backup.results import Result, new_id, now
from backup.settings import JobError, Request, StoppedError

BASE = "base.tar"
SLOT = "backup"
SEGMENT = re.compile(r"[0-9A-F]{24}")
LABEL = "backup_label"
AGAIN_SECONDS = 5
STATUS_SECONDS = 10
"""How often the receiver tells the server how far it is."""


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
        manifest.store(kept, made, f"first:{facts['start segment']}")


def base_facts(kept: Repository, snapshot: str) -> Facts:
    """What the base says of itself. JobError when it is cut off."""
    label, files, control = "", 0, False
    try:
        with kept.stream(snapshot, BASE) as content, tarfile.open(fileobj=content, mode="r|") as entries:
            for entry in entries:
                files += entry.isfile()
                control = control or entry.name == "global/pg_control"
                if entry.name == LABEL and (file := entries.extractfile(entry)):
                    label = file.read().decode()
            while content.read(1 << 20):
                pass
    except tarfile.TarError as error:
        raise JobError(f"the base that was just stored is not whole and does not count: {error}") from None
    found = re.search(r"^START WAL LOCATION: (\S+) \(file ([0-9A-F]{24})\)", label, re.MULTILINE)
    if not found or not control:
        raise JobError(
            "the base that was just stored is not whole and does not count: its label or pg_control is missing"
        )
    return {"start location": found[1], "start segment": found[2], "files": files}


def wal_job(request: Request, result: Result) -> None:
    """Store what the receiver has written since the newest base, then let go what belongs to older bases."""
    part = manifest.begin("wal", request, result)
    with repository.alone() as kept:
        taken = now()
        segments = complete(settings.WAL)
        if not segments:
            result.report = {"segments": 0}
            return
        stored = kept.keep_folder(settings.WAL, part.tags("data"))
        result.snapshot, result.bytes = stored.snapshot, stored.bytes
        facts: Facts = {"first": segments[0], "last": segments[-1], "segments": len(segments)}
        manifest.store(kept, manifest.made(part, stored, facts, taken=taken), f"first:{segments[0]}")
        bases = [head for head in manifest.counting(kept.snapshots()) if head.store == "base"]
        let_go(settings.WAL, segments, bases[-1].first if bases else "")
        result.report = {"segments": len(segments)}


def complete(folder: Path) -> list[str]:
    """The segments of the log in a folder, in their order; one that is being written is there too, under its name."""
    names = (path.name.removesuffix(".partial") for path in folder.iterdir())
    return sorted({name for name in names if SEGMENT.fullmatch(name)})


def let_go(folder: Path, stored: list[str], needed: str) -> None:
    """Remove stored segments from before the one that is needed, and what was set aside."""
    for name in stored[:-1]:
        if name < needed:
            (folder / name).unlink(missing_ok=True)
    for path in folder.glob("aside-*"):
        shutil.rmtree(path)


def chosen(heads: list[Head], until: str) -> tuple[Head, Head]:
    """The base, and the log that leads from it to a moment (ISO in UTC; empty: as far as there is)."""
    bases = [head for head in heads if head.store == "base" and (not until or head.taken <= until)]
    if not bases:
        oldest = next((head.taken for head in heads if head.store == "base"), "none")
        raise JobError(f"no base from before {until or 'now'}: the oldest is of {oldest}; name a later moment")
    base = bases[-1]
    logs = [head for head in heads if head.store == "wal" and head.first <= base.first and head.taken > base.taken]
    late = [head for head in logs if until and head.taken >= until]
    if not logs or (until and not late):
        newest = logs[-1].taken if logs else "none"
        raise JobError(
            f"the log since the base {base.backup} reaches to {newest}, not to {until or 'now'}: let job wal run"
        )
    return base, late[0] if until else logs[-1]


def receive() -> None:
    """Write down what the server logs, as it does so, until SIGTERM; begin again when the server was away."""
    with suppress(StoppedError):
        while True:
            try:
                server = postgres.backup_server()
                with server.password_file():
                    _fit(server, settings.WAL)
                    _receive(server)
            except StoppedError:
                raise
            except JobError as failure:
                sys.stderr.write(f"receive-wal: {failure}; next try in {AGAIN_SECONDS} s\n")
            time.sleep(AGAIN_SECONDS)


def _receive(server: Server) -> None:
    command = ["pg_receivewal", "--no-password", *server.place_options(), f"--slot={SLOT}"]
    made = subprocess.run([*command, "--create-slot", "--if-not-exists"], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise JobError(" ".join(made.stderr.split()))
    receiving = [
        *command,
        f"--directory={settings.WAL}",
        "--synchronous",
        "--no-loop",
        f"--status-interval={STATUS_SECONDS}",
    ]
    done = subprocess.run(receiving, stderr=subprocess.PIPE, text=True, check=False)
    raise JobError(" ".join(done.stderr.split())[-300:] or "pg_receivewal ended")


def _fit(server: Server, folder: Path) -> None:
    """Set aside what was received from a server that is not there any more: another one, or before a recovery."""
    with server.session(settings.name("POSTGRES_DATABASE")) as session:
        row = session.execute(
            "SELECT system_identifier::text, pg_walfile_name(pg_current_wal_flush_lsn()) FROM pg_control_system()"
        ).fetchone()
    if row is None:
        raise JobError("the server does not tell who it is")
    identifier, current = row
    known = folder / "system_identifier"
    segments = complete(folder)
    foreign = known.exists() and known.read_text() != identifier
    if segments and (foreign or segments[-1][8:] > current[8:]):
        aside = folder / f"aside-{new_id()}"
        aside.mkdir()
        for path in list(folder.iterdir()):
            if path.is_file():
                path.rename(aside / path.name)
    known.write_text(identifier)
