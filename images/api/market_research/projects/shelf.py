"""The files of stimulus material: what is taken, where it lies, and that nothing half-made stays."""

import asyncio
import contextlib
import errno
import re
import shutil
import time
from collections.abc import AsyncIterator, Collection, Iterator
from pathlib import Path
from uuid import UUID

LARGEST_BYTES = 10 * 1024 * 1024
# How the contents begin.
SIGNATURES = {
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/gif": re.compile(rb"GIF8[79]a"),
    "image/webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "application/pdf": re.compile(rb"%PDF-"),
}
HEAD_BYTES = 16
# What stays free on the volume's disk: PostgreSQL's may be the same.
RESERVED_BYTES = 1_000_000_000
ABANDONED_SECONDS = 3600
PART = ".part"


class TooLargeError(Exception):
    """More than LARGEST_BYTES."""


class UnknownMediaError(Exception):
    """The contents are not what the media type says, or of a type that is not taken."""


class NoSpaceError(Exception):
    """The volume is full."""


class Shelf:
    """The folder in which the contents lie; a file appears there when it is complete."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, stimulus_id: UUID) -> Path:
        """Where the contents are."""
        return self._folder / stimulus_id.hex

    def names(self) -> Iterator[str]:
        """The names of all files that are complete."""
        return (file.name for file in self._folder.iterdir() if file.suffix != PART and file.is_file())

    def size(self, stimulus_id: UUID) -> int | None:
        """How many bytes the contents are; None when they are not there."""
        try:
            return self.path(stimulus_id).stat().st_size
        except FileNotFoundError:
            return None

    async def put(self, stimulus_id: UUID, media_type: str, chunks: AsyncIterator[bytes]) -> int:
        """Write the contents and return their size. Raises one of this module's errors and leaves nothing then."""
        part = self.path(stimulus_id).with_suffix(PART)
        try:
            size = await _write(part, media_type, chunks)
            await asyncio.to_thread(part.rename, self.path(stimulus_id))
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise NoSpaceError from error
            raise
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return size

    async def sweep(self, known: Collection[UUID]) -> int:
        """Remove files that belong to nothing, left by processes that were killed; return how many.

        Where nothing is known, nothing is removed: the database may be a new one, whose rows are still to be restored.
        """
        if not known:
            return 0
        return await asyncio.to_thread(self._swept, {one.hex for one in known})

    def _swept(self, names: Collection[str]) -> int:
        old = time.time() - ABANDONED_SECONDS
        found = [file for file in self._folder.iterdir() if file.name not in names and file.stat().st_mtime < old]
        for file in found:
            file.unlink(missing_ok=True)
        return len(found)

    async def drop(self, *stimulus_ids: UUID) -> None:
        """Remove contents; those that are gone already are fine."""
        for one in stimulus_ids:
            await asyncio.to_thread(self.path(one).unlink, missing_ok=True)


async def _write(part: Path, media_type: str, chunks: AsyncIterator[bytes]) -> int:
    signature = SIGNATURES.get(media_type)
    room = await asyncio.to_thread(shutil.disk_usage, part.parent)
    wanted = signature is not None and room.free > RESERVED_BYTES
    size, head = 0, b""
    with contextlib.closing(await asyncio.to_thread(part.open, "wb")) as file:
        # What is refused is read all the same: a proxy that cannot send it on would hide the answer.
        async for chunk in chunks:
            size += len(chunk)
            head = (head + chunk)[:HEAD_BYTES]
            if wanted and size <= LARGEST_BYTES:
                await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(file.flush)
    if size > LARGEST_BYTES:
        raise TooLargeError
    if signature is None or not signature.match(head):
        raise UnknownMediaError
    if not wanted:
        raise NoSpaceError
    return size
