"""The stack's repository and its off-site copy: what goes in, what comes out, and what is forgotten."""

import fcntl
import json
import logging
import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from backup import restic, settings
from backup.restic import NO_REPOSITORY, Target
from backup.settings import JobError

LOCK_WAIT_SECONDS = 120


@dataclass(frozen=True)
class Snapshot:
    """One of restic's snapshots."""

    id: str
    original: str
    """The id that it had where it was made: a copy has one of its own."""
    tags: Mapping[str, str]
    """Tags of the form name:value; the one without a name is the backup's id."""
    time: str


@dataclass(frozen=True)
class Stored:
    """What one backup left in the repository; `bytes` is what was read, before restic took out what it had already."""

    snapshot: str
    bytes: int


@dataclass(frozen=True)
class Repository:
    """One repository; every method raises JobError with one line."""

    target: Target

    def exists(self) -> bool:
        """Whether there is one, opened with the key."""
        code, _, said = restic.attempt(self.target, "cat", "config", "--no-lock")
        if code not in (0, NO_REPOSITORY):
            raise JobError(restic.reason(self.target, code, said))
        return code == 0

    def ensure(self, like: "Repository | None" = None) -> None:
        """Make the repository when there is none, cut into pieces `like` another one so that copies share them."""
        if not self.exists():
            same_pieces = ["--copy-chunker-params", *_origin(like)] if like else []
            restic.call(self._with(like) if like else self.target, "init", *same_pieces)

    def keep_command(self, command: Sequence[str], file: str, tags: Sequence[str]) -> Stored:
        """Store what a command prints as `file`; nothing is kept when the command fails."""
        arguments = ("--stdin-filename", file, "--stdin-from-command", "--", *command)
        return _summary(restic.call(self.target, *_backup(tags), *arguments))

    def keep_bytes(self, content: bytes, file: str, tags: Sequence[str]) -> Stored:
        """Store these bytes as `file`."""
        return _summary(restic.call(self.target, *_backup(tags), "--stdin", "--stdin-filename", file, given=content))

    def keep_folder(
        self, folder: Path, tags: Sequence[str], *, what: str = ".", leave_out: Sequence[str] = ()
    ) -> Stored:
        """Store a folder's content, or `what` of it."""
        excluded = [f"--exclude={pattern}" for pattern in leave_out]
        return _summary(restic.call(self.target, *_backup(tags), *excluded, what, cwd=folder))

    def snapshots(self) -> list[Snapshot]:
        """All snapshots, oldest first."""
        read: list[dict[str, Any]] = json.loads(restic.call(self.target, "snapshots", "--json", "--no-lock")) or []
        found = [
            Snapshot(one["id"], one.get("original") or one["id"], _named(one.get("tags") or []), one["time"])
            for one in read
        ]
        return sorted(found, key=lambda snapshot: snapshot.time)

    def read(self, snapshot: str, file: str) -> bytes:
        """A small file of a snapshot."""
        return restic.call(self.target, "dump", "--no-lock", snapshot, f"/{file}").encode()

    def stream(self, snapshot: str, file: str) -> AbstractContextManager[IO[bytes]]:
        """A file of a snapshot while it is read; a folder comes as a tar archive."""
        return restic.stream(self.target, "dump", "--no-lock", "--archive", "tar", snapshot, f"/{file}")

    def feed(self, snapshot: str, file: str, command: Sequence[str]) -> str:
        """Give a file of a snapshot to a command, and return what that prints."""
        return restic.feed(self.target, ["dump", "--no-lock", snapshot, f"/{file}"], command)

    def restore(self, snapshot: str, folder: Path) -> None:
        """Fill a folder with what a snapshot holds."""
        restic.call(self.target, "restore", "--no-lock", snapshot, "--target", str(folder))

    def forget(self, snapshots: Collection[str]) -> None:
        """Remove snapshots and what only they used."""
        if snapshots:
            restic.call(self.target, "forget", "--prune", *sorted(snapshots))
        else:
            restic.call(self.target, "prune")

    def check(self, part: str | None) -> None:
        """Look whether everything is there; read the data too, `part` of it as "2/7", or all."""
        arguments = [f"--read-data-subset={part}"] if part else ["--read-data"]
        restic.call(self.target, "check", *arguments)

    def copy_from(self, source: "Repository", snapshots: Sequence[str]) -> None:
        """Add snapshots of another repository, in this order."""
        if snapshots:
            code, _, said = restic.attempt(self._with(source), "copy", *_origin(source), *snapshots)
            if code != 0:
                raise JobError(restic.reason(self.target, code, said))

    def unlock(self) -> None:
        """Remove what killed processes left locked: for one who knows that nobody else is at work."""
        restic.call(self.target, "unlock", "--remove-all")

    def _with(self, source: "Repository") -> Target:
        both = {**source.target.environment, **self.target.environment}
        return Target(self.target.address, self.target.key, both)


def is_there() -> bool:
    """Whether the stack has a repository, told without its key."""
    return (settings.REPOSITORY / "config").exists()


def local() -> Repository:
    """The stack's own repository."""
    return Repository(Target(str(settings.REPOSITORY)))


def off_site() -> Repository:
    """The off-site copy. SettingsError when there is none."""
    place = settings.off_site()
    if not place:
        raise settings.SettingsError("OFF_SITE: not set; there is no off-site copy to work with")
    return Repository(Target(place, environment=settings.off_site_credentials()))


@contextmanager
def alone(wait: float = LOCK_WAIT_SECONDS, like: Repository | None = None) -> Iterator[Repository]:
    """The stack's repository for one process at a time, made when there never was one.

    It is made anew in place of a lost one only to be filled `like` another. JobError when another process keeps it.
    """
    with held(wait):
        repository = local()
        if not like:
            _refuse_in_place_of_lost()
        repository.ensure(like)
        # Whoever left a lock is dead: nobody gets here beside this process.
        repository.unlock()
        yield repository


def _refuse_in_place_of_lost() -> None:
    noted = settings.REPOSITORY_ID
    if noted.exists() and not is_there():
        raise JobError(
            f"repository {noted.read_text()}, with all backups, is gone from {settings.REPOSITORY}: fill a new one"
            " from the copy elsewhere by `research backup import`, or, when there is none, begin anew after"
            " `docker exec <the container of backup> python -m backup forget-repository`"
        )


def note() -> None:
    """Keep the repository's id beside its key, for a loss to be seen; what hinders that is logged and no more."""
    config, noted = settings.REPOSITORY / "config", settings.REPOSITORY_ID
    try:
        if not config.exists() or (noted.exists() and noted.stat().st_mtime >= config.stat().st_mtime):
            return
        target = local().target
        code, printed, said = restic.attempt(target, "cat", "config", "--no-lock")
        if code != 0:
            raise JobError(restic.reason(target, code, said))
        part = noted.with_name(f".{noted.name}.part")
        part.write_text(json.loads(printed)["id"])
        part.replace(noted)
    except (OSError, JobError) as error:
        logging.warning("the repository's id is not noted: %s", error)


def forget_noted() -> str:
    """Let the next job make a repository although another one was lost; a sentence on that."""
    if is_there():
        raise JobError(f"{settings.REPOSITORY}: a repository is there: nothing was forgotten")
    settings.REPOSITORY_ID.unlink(missing_ok=True)
    return f"{settings.REPOSITORY}: the next job makes a new repository"


@contextmanager
def held(wait: float = LOCK_WAIT_SECONDS) -> Iterator[None]:
    """Hold a lock file, which the kernel frees when the process ends in any way. JobError when another keeps it."""
    with (settings.WORK / "repository.lock").open("a") as file:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise JobError(
                        f"another job has worked on the repository for {wait:.0f} s: try again later"
                    ) from None
                time.sleep(0.2)
        yield


def size(folder: Path | None = None) -> int:
    """Bytes of a repository's files."""
    top = folder or settings.REPOSITORY
    return sum(Path(where, file).stat().st_size for where, _, files in os.walk(top) for file in files)


def _backup(tags: Sequence[str]) -> list[str]:
    host = os.environ.get("STACK", "").strip() or "stack"
    return ["backup", "--json", "--host", host, *(f"--tag={tag}" for tag in tags)]


def _origin(source: Repository) -> list[str]:
    return ["--from-repo", source.target.address, "--from-password-file", str(source.target.key)]


def _summary(printed: str) -> Stored:
    for line in reversed(printed.splitlines()):
        if line.startswith("{") and (read := json.loads(line)).get("message_type") == "summary":
            return Stored(read["snapshot_id"], read["total_bytes_processed"])
    raise JobError("restic ended well and named no snapshot: look at its version with `restic version`")


def _named(tags: Sequence[str]) -> dict[str, str]:
    return {name if value else "": value or name for name, _, value in (tag.partition(":") for tag in tags)}
