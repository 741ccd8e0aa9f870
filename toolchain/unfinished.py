"""Folders and files that exist whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """Give an empty folder beside the target that takes its place once the block has ended well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unfinished-") as temporary:
        folder = Path(temporary) / target.name
        folder.mkdir()
        yield folder
        if target.exists():
            shutil.move(target, Path(temporary) / "replaced")
        folder.rename(target)
