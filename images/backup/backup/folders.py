"""The folder of uploads, and what the stack's state is made of: stored as they are, told by each file's SHA-256."""

import hashlib
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import IO

from backup import manifest, repository, settings
from backup.manifest import Facts, Part
from backup.repository import Repository
from backup.results import Result, now, put
from backup.settings import JobError, Request

UNFINISHED = "*.part"
"""Files that are being written have such names."""
RESTORING, REPLACED = ".restoring", ".replaced"
"""Folders of a restore, beside what serves."""
CHUNK = 1 << 20
TRIES = 3
"""A file that is removed while it is about to be read makes a backup fail, and is no reason to do without one."""


def files_job(request: Request, result: Result) -> None:
    """Store the folder of uploads."""
    with repository.alone() as kept:
        _keep(kept, settings.FILES, manifest.begin("files", request, result), result)


def state_job(request: Request, result: Result) -> None:
    """Store what a lost host's stack is made again from, as `research` last left it: its settings, Pulumi's state."""
    part = manifest.begin("state", request, result)
    with repository.alone() as kept, tempfile.TemporaryDirectory(prefix="state-") as scratch:
        folder = Path(scratch, "state")
        folder.mkdir()
        for source in (settings.WORK / "stack.yaml", settings.WORK / "state.json"):
            if source.exists():
                shutil.copyfile(source, folder / source.name)
        put(folder / "versions.json", settings.versions())
        _keep(kept, folder, part, result)


def _keep(kept: Repository, folder: Path, part: Part, result: Result) -> None:
    taken = now()
    leave_out = [UNFINISHED, RESTORING, REPLACED]
    for tries_left in reversed(range(TRIES)):
        try:
            # By its name: restic refuses to store nothing, and a folder may be empty.
            stored = kept.keep_folder(folder.parent, part.tags("data"), what=folder.name, leave_out=leave_out)
            break
        except JobError:
            if not tries_left:
                raise
    result.snapshot, result.bytes = stored.snapshot, stored.bytes
    # Told from what is stored: the folder goes on.
    with kept.stream(f"{stored.snapshot}:/{folder.name}", "") as archive:
        facts = sums_of_archive(archive)
    manifest.store(kept, manifest.made(part, stored, facts, file=folder.name, taken=taken))


def sums_of_archive(archive: IO[bytes]) -> Facts:
    """The facts of a folder that comes as a tar archive."""
    facts: dict[str, str | int] = {}
    with tarfile.open(fileobj=archive, mode="r|") as entries:
        for entry in entries:
            content = entries.extractfile(entry) if entry.isfile() else None
            if content is not None:
                facts[f"file {entry.name.removeprefix('/')}"] = _sum(content)
    # What follows the last entry is read too: restic is not to be cut off.
    while archive.read(CHUNK):
        pass
    return {**facts, "files": len(facts)}


def sums_of_folder(folder: Path) -> Facts:
    """The facts of a folder on the disk."""
    facts: dict[str, str | int] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as content:
                facts[f"file {path.relative_to(folder)}"] = _sum(content)
    return {**facts, "files": len(facts)}


def swap(folder: Path) -> None:
    """Put what is in the folder's `.restoring` into the place of everything else, or leave everything as it was."""
    fresh, replaced = folder / RESTORING, folder / REPLACED
    replaced.mkdir(exist_ok=True)
    serving = [entry for entry in folder.iterdir() if entry.name not in (RESTORING, REPLACED)]
    moves = [(entry, replaced / entry.name) for entry in serving]
    moves += [(entry, folder / entry.name) for entry in fresh.iterdir()]
    done: list[tuple[Path, Path]] = []
    try:
        for source, target in moves:
            source.rename(target)
            done.append((source, target))
    except OSError as error:
        for source, target in reversed(done):
            target.rename(source)
        raise JobError(f"{error.filename}: {error.strerror}: the folder was left as it was") from None


def _sum(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
