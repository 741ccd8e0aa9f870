"""Stimulus material: what participants are shown. Rows are in PostgreSQL, contents are files of the same name."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row
from pydantic import BaseModel, ConfigDict

LARGEST_BYTES = 10 * 1024 * 1024
SIGNATURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
    "application/pdf": b"%PDF-",
}
LONGEST_SIGNATURE = max(map(len, SIGNATURES.values()))
COLUMNS = "id, name, description, media_type, size, created_at"


class NewStimulus(BaseModel):
    """A picture or document; `description` is what the participants are told of it, `size` is in bytes."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    name: str
    description: str
    media_type: str
    size: int


class Stimulus(NewStimulus):
    """A picture or document that is kept."""

    created_at: datetime


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

    async def put(self, stimulus_id: UUID, media_type: str, chunks: AsyncIterator[bytes]) -> int:
        """Write the contents and return their size. Raises one of this module's errors and leaves nothing then."""
        part = self.path(stimulus_id).with_suffix(".part")
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

    async def drop(self, *stimulus_ids: UUID) -> None:
        """Remove contents; those that are gone already are fine."""
        for one in stimulus_ids:
            await asyncio.to_thread(self.path(one).unlink, missing_ok=True)


async def _write(part: Path, media_type: str, chunks: AsyncIterator[bytes]) -> int:
    signature = SIGNATURES.get(media_type)
    size, head = 0, b""
    with contextlib.closing(await asyncio.to_thread(part.open, "wb")) as file:
        # What is refused is read all the same: a proxy that cannot send it on would hide the answer.
        async for chunk in chunks:
            size += len(chunk)
            head = (head + chunk)[:LONGEST_SIGNATURE]
            if signature and size <= LARGEST_BYTES:
                await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(file.flush)
    if size > LARGEST_BYTES:
        raise TooLargeError
    if signature is None or not head.startswith(signature):
        raise UnknownMediaError
    return size


async def insert(connection: AsyncConnection, project_id: UUID, new: NewStimulus) -> Stimulus:
    """A new row; psycopg.errors.ForeignKeyViolation without such a project."""
    async with connection.cursor(row_factory=class_row(Stimulus)) as cursor:
        await cursor.execute(
            "INSERT INTO stimulus (id, project_id, name, description, media_type, size)"
            f" VALUES (%s, %s, %s, %s, %s, %s) RETURNING {COLUMNS}",
            [new.id, project_id, new.name, new.description, new.media_type, new.size],
        )
        (made,) = await cursor.fetchall()
    return made


async def find(connection: AsyncConnection, stimulus_id: UUID) -> Stimulus | None:
    """The row of a stimulus."""
    async with connection.cursor(row_factory=class_row(Stimulus)) as cursor:
        await cursor.execute(f"SELECT {COLUMNS} FROM stimulus WHERE id = %s", [stimulus_id])
        return await cursor.fetchone()


async def of_project(connection: AsyncConnection, project_id: UUID) -> list[Stimulus]:
    """The material of a project, the newest first."""
    async with connection.cursor(row_factory=class_row(Stimulus)) as cursor:
        await cursor.execute(
            f"SELECT {COLUMNS} FROM stimulus WHERE project_id = %s ORDER BY created_at DESC", [project_id]
        )
        return await cursor.fetchall()


async def delete(connection: AsyncConnection, stimulus_id: UUID) -> bool:
    """Whether there was one; psycopg.errors.ForeignKeyViolation while a focus group shows it."""
    return (await connection.execute("DELETE FROM stimulus WHERE id = %s", [stimulus_id])).rowcount == 1
