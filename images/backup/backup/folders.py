"""The folder of uploads, and what the stack's state is made of: stored as they are, told by each file's SHA-256."""

import hashlib
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from backup import manifest, repository, settings
from backup.manifest import Facts, Part
from backup.repository import Repository
from backup.results import Result, now
from backup.settings import JobError, Request

UNFINISHED = "*.part"
"""Files that are being written have such names."""
RESTORING = ".restoring"
OF_RESTORE = (RESTORING, ".restored", ".replaced")
"""Folders of a restore, beside what serves: what is being fetched, what is being put in place, what served before."""
STATE = "state"
CHUNK = 1 << 20
TRIES = 3
"""A file that is removed while it is about to be read makes a backup fail, and is no reason to do without one."""


def files_job(request: Request, result: Result) -> None:
    """Store the folder of uploads."""
    if half_swapped(settings.FILES):
        raise JobError(
            f"{settings.FILES}: a restore was killed while it put files into place, some are in neither:"
            " `research restore --service files --no-safety-backup` does it to the end"
        )
    with repository.alone() as kept:
        _keep(kept, settings.FILES, manifest.begin("files", request, result), result)


def state_job(request: Request, result: Result) -> None:
    """Store what a lost host's stack is made again from, as `research` last left it: its settings, Pulumi's state."""
    part = manifest.begin("state", request, result)
    left = [path for path in (settings.WORK / "stack.yaml", settings.WORK / "state.json") if path.exists()]
    if not left:
        raise JobError(
            f"{settings.WORK} holds no state to back up: `research backup run` or `research deploy` leaves it"
        )
    with repository.alone() as kept, tempfile.TemporaryDirectory(prefix="state-") as scratch:
        folder = Path(scratch, STATE)
        folder.mkdir()
        for source in left:
            shutil.copyfile(source, folder / source.name)
        _keep(kept, folder, part, result)


def _keep(kept: Repository, folder: Path, part: Part, result: Result) -> None:
    taken = now()
    leave_out = [UNFINISHED, *OF_RESTORE]
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
    """Put what is in the folder's `.restoring` into the place of everything else, or leave everything as it was.

    What serves is moved to `.replaced`; then `.restoring` becomes `.restored`, and what is in it is moved out of that.
    Those folders tell `mend` how far it came.
    """
    fresh, restored, replaced = (folder / name for name in OF_RESTORE)
    replaced.mkdir()
    try:
        _move(_serving(folder), replaced)
        fresh.rename(restored)
        _move(restored.iterdir(), folder)
        restored.rmdir()
    except BaseException as error:
        _undo(folder)
        if isinstance(error, OSError):
            raise JobError(f"{error.filename}: {error.strerror}: the folder was left as it was") from None
        raise
    shutil.rmtree(replaced)


def mend(folder: Path) -> None:
    """Finish or undo the swap of a restore that was killed, then remove what that left."""
    fresh, restored, replaced = (folder / name for name in OF_RESTORE)
    if restored.exists():
        _move(restored.iterdir(), folder)
        restored.rmdir()
    elif fresh.exists():
        _undo(folder)
    for left in (replaced, fresh):
        if left.exists():
            shutil.rmtree(left)


def half_swapped(folder: Path) -> bool:
    """Whether a restore was killed in its swap."""
    fresh, restored, replaced = (folder / name for name in OF_RESTORE)
    return restored.exists() or (fresh.exists() and replaced.exists())


def _undo(folder: Path) -> None:
    """Told from the disk alone: a signal may come between a rename and a note of it."""
    fresh, restored, replaced = (folder / name for name in OF_RESTORE)
    if restored.exists():
        _move(_serving(folder), restored)
        restored.rename(fresh)
    if fresh.exists() and replaced.exists():
        _move(replaced.iterdir(), folder)
        replaced.rmdir()


def _serving(folder: Path) -> list[Path]:
    return [entry for entry in folder.iterdir() if entry.name not in OF_RESTORE]


def _move(entries: Iterable[Path], folder: Path) -> None:
    for entry in list(entries):
        entry.rename(folder / entry.name)


def _sum(content: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
