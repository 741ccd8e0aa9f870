"""What makes a backup count: the manifest that is stored after its data and names them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from backup import settings
from backup.repository import Repository, Snapshot, Stored
from backup.results import Result, new_id, now
from backup.settings import JobError, Request, SettingsError

FORMAT = 1
FILE = "manifest.json"
MOST_DIFFERENCES = 20

Fact = str | int | float | bool | None
Facts = Mapping[str, Fact]


@dataclass(frozen=True)
class Manifest:
    """manifest.json of one store's part of one backup."""

    stack: str
    backup: str
    store: str
    taken: str
    """The moment that the data is of, ISO in UTC."""
    data: str
    """The data snapshot's id, as it was where it was made."""
    file: str
    """Path in the data snapshot: a file, or a folder; empty for all of it."""
    bytes: int
    facts: Facts
    versions: Mapping[str, str] = field(default_factory=dict)
    """What wrote the data, where that tells: the server and its extensions."""
    roles: str = ""
    """SQL that makes the roles which PostgreSQL's dump speaks of."""
    format: int = FORMAT


@dataclass(frozen=True)
class Part:
    """One store's part of one backup."""

    backup: str
    store: str

    def tags(self, of: str) -> list[str]:
        """The tags of its snapshot of "data" or "manifest"."""
        return [self.backup, f"store:{self.store}", f"part:{of}"]


@dataclass(frozen=True)
class Head:
    """What the list of snapshots alone tells of a store's part of a backup that counts."""

    backup: str
    store: str
    taken: str
    bytes: int
    data: str
    """The data snapshot's id in this repository."""
    manifest: str
    """The manifest snapshot's id in this repository."""
    first: str = ""
    """For a base and WAL: the segment that it begins with."""
    system: str = ""
    """For a base and WAL: the identifier of the server that they are of."""


def begin(store: str, request: Request, result: Result) -> Part:
    """The part that a job is to make: of the backup that the request names, or of a new one."""
    result.backup, result.store = request.backup or new_id(), store
    return Part(result.backup, store)


def made(part: Part, stored: Stored, facts: Facts, *, file: str = "", taken: datetime | None = None) -> Manifest:
    """The manifest of what has just been stored."""
    moment = (taken or now()).astimezone(UTC).isoformat(timespec="milliseconds")
    return Manifest(settings.name("STACK"), part.backup, part.store, moment, stored.snapshot, file, stored.bytes, facts)


def store(repository: Repository, manifest: Manifest, *more: str) -> Stored:
    """Store the manifest: from now on the backup counts. Its head is in the tags, to be listed without reading it."""
    head = [f"taken:{manifest.taken}", f"bytes:{manifest.bytes}", f"data:{manifest.data}", *more]
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    return repository.keep_bytes(text.encode(), FILE, Part(manifest.backup, manifest.store).tags("manifest") + head)


def counting(snapshots: Iterable[Snapshot]) -> list[Head]:
    """What counts: manifests whose data snapshot exists, oldest first."""
    snapshots = list(snapshots)
    data = {one.original: one for one in snapshots if one.tags.get("part") == "data"}
    heads = [_head(one, data[one.tags["data"]]) for one in snapshots if _names_data(one, data)]
    return sorted(heads, key=lambda head: (head.taken, head.store))


def _names_data(snapshot: Snapshot, data: Mapping[str, Snapshot]) -> bool:
    tags = snapshot.tags
    return (
        tags.get("part") == "manifest" and {"", "store", "taken", "bytes"} <= tags.keys() and tags.get("data") in data
    )


def _head(manifest: Snapshot, data: Snapshot) -> Head:
    tags = manifest.tags
    size, first, system = int(tags["bytes"]), tags.get("first", ""), tags.get("system", "")
    return Head(tags[""], tags["store"], tags["taken"], size, data.id, manifest.id, first, system)


def find(repository: Repository, store: str, backup: str | None = None) -> Head:
    """A store's part of a backup, the newest one when none is named. SettingsError when there is none that counts."""
    heads = [head for head in counting(repository.snapshots()) if head.store == store]
    found = [head for head in heads if backup in (None, head.backup)]
    if not found:
        there = ", ".join(head.backup for head in heads[-5:]) or "none"
        raise SettingsError(
            f"backup {backup or '(newest)'} of {store}: there is none that counts; the newest are: {there}"
        )
    return found[-1]


def load(repository: Repository, head: Head) -> Manifest:
    """The manifest of a backup that counts."""
    read = json.loads(repository.read(head.manifest, FILE))
    if read.get("format") != FORMAT:
        raise JobError(
            f"backup {head.backup} of {head.store} has format {read.get('format')}: use the image that made it"
        )
    return Manifest(**read)


def differences(expected: Facts, found: Facts) -> list[str]:
    """Sentences on the facts that are not equal, at most 20 of them."""
    told = []
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            told.append(f"{name}: {expected[name]} in the manifest, missing in the copy")
        elif name not in expected:
            told.append(f"{name}: not in the manifest, {found[name]} in the copy")
        elif _text(expected[name]) != _text(found[name]):
            told.append(f"{name}: {expected[name]} in the manifest, {found[name]} in the copy")
    return told[:MOST_DIFFERENCES]


def _text(fact: Fact) -> str:
    """As programs that know only texts print it: psql, a shell."""
    return fact if isinstance(fact, str) else json.dumps(fact)
