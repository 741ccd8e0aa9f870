"""/exchange: folders through which a store's data go between this image and the store's own, whose users differ."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backup import settings
from backup.settings import JobError


def emptied(*path: str) -> Path:
    """An empty folder below /exchange that every user may write in. JobError when what is in it cannot be removed."""
    folder = settings.EXCHANGE.joinpath(*path)
    cleared(folder)
    for made in [folder, *folder.parents]:
        if made == settings.EXCHANGE:
            break
        made.mkdir(parents=True, exist_ok=True)
        if made.stat().st_uid == os.getuid():
            made.chmod(0o777)
    return folder


def cleared(folder: Path) -> None:
    """Remove what is in a folder; the folder stays, for it may be another user's."""
    for entry in folder.iterdir() if folder.is_dir() else []:
        try:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        except OSError as error:
            # What a killed container of a store left is removed by its next run.
            if entry.stat().st_uid == os.getuid():
                raise JobError(f"{entry}: {error.strerror}: remove it by hand from the volume of /exchange") from None


@contextmanager
def passing(*path: str) -> Iterator[Path]:
    """An empty folder for data in transit, emptied again whatever happens."""
    folder = emptied(*path)
    try:
        yield folder
    finally:
        cleared(folder)


def hand_over(file: Path) -> None:
    """Let the store's image read and remove a file."""
    file.chmod(0o666)
