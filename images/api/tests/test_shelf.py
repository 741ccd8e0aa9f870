"""Uploads: what is taken, what is refused, and that nothing half-made stays."""

import os
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from market_research.projects import shelf as shelf_module
from market_research.projects.shelf import LARGEST_BYTES, NoSpaceError, Shelf, TooLargeError, UnknownMediaError

pytestmark = pytest.mark.anyio
PNG = b"\x89PNG\r\n\x1a\n"
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 "
AVI = b"RIFF\x10\x00\x00\x00AVI LIST"


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


@pytest.mark.parametrize(("media_type", "contents"), [("image/png", PNG), ("image/webp", WEBP)])
async def test_a_picture_is_kept_as_it_came_in_pieces_of_any_size(
    shelf: Shelf, media_type: str, contents: bytes
) -> None:
    new_id = uuid4()
    size = await shelf.put(new_id, media_type, chunks(contents[:3], contents[3:], b"rest"))
    assert shelf.path(new_id).read_bytes() == contents + b"rest"
    assert size == len(contents) + 4


@pytest.mark.parametrize(
    ("media_type", "contents"),
    [("image/png", b"GIF89a"), ("image/webp", AVI), ("text/html", b"<html>"), ("", PNG), ("image/png", b"")],
)
async def test_what_is_not_what_it_says_is_refused_and_leaves_nothing(
    shelf: Shelf, tmp_path: Path, media_type: str, contents: bytes
) -> None:
    with pytest.raises(UnknownMediaError):
        await shelf.put(uuid4(), media_type, chunks(contents))
    assert list(tmp_path.iterdir()) == []


async def test_the_largest_file_is_taken_and_a_byte_more_is_not(shelf: Shelf, tmp_path: Path) -> None:
    rest = bytes(LARGEST_BYTES - len(PNG))
    kept = uuid4()
    assert await shelf.put(kept, "image/png", chunks(PNG, rest)) == LARGEST_BYTES
    with pytest.raises(TooLargeError):
        await shelf.put(uuid4(), "image/png", chunks(PNG, rest, b"x"))
    assert [file.name for file in tmp_path.iterdir()] == [kept.hex]


async def test_a_full_disk_is_told_after_the_whole_upload_was_read(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=shelf_module.RESERVED_BYTES))
    upload = chunks(PNG, b"more")
    with pytest.raises(NoSpaceError):
        await shelf.put(uuid4(), "image/png", upload)
    assert [part async for part in upload] == []
    assert list(tmp_path.iterdir()) == []


async def test_an_upload_that_breaks_off_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield PNG
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await shelf.put(uuid4(), "image/png", broken())
    assert list(tmp_path.iterdir()) == []


async def test_old_files_that_belong_to_nothing_are_swept_and_young_ones_are_not(shelf: Shelf, tmp_path: Path) -> None:
    known, stranger, young = UUID(int=1), UUID(int=2), UUID(int=3)
    long_ago = time.time() - 2 * shelf_module.ABANDONED_SECONDS
    for name in (known.hex, stranger.hex, f"{stranger.hex}.part", young.hex):
        (tmp_path / name).write_bytes(PNG)
        if name != young.hex:
            os.utime(tmp_path / name, (long_ago, long_ago))
    assert await shelf.sweep([known]) == 2
    assert {file.name for file in tmp_path.iterdir()} == {known.hex, young.hex}


async def test_only_complete_files_are_listed_and_measured(shelf: Shelf, tmp_path: Path) -> None:
    kept, absent = UUID(int=1), UUID(int=2)
    (tmp_path / kept.hex).write_bytes(PNG)
    (tmp_path / f"{absent.hex}.part").write_bytes(PNG)
    (tmp_path / "folder").mkdir()
    assert list(shelf.names()) == [kept.hex]
    assert (shelf.size(kept), shelf.size(absent)) == (len(PNG), None)


async def test_nothing_is_swept_while_no_row_is_there_as_in_a_database_that_is_still_to_be_restored(
    shelf: Shelf, tmp_path: Path
) -> None:
    file = tmp_path / UUID(int=1).hex
    file.write_bytes(PNG)
    os.utime(file, (0, 0))
    assert await shelf.sweep([]) == 0
    assert file.exists()
