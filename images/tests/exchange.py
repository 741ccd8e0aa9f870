"""The volume by which containers hand dumps to each other: anybody may write into it, as in the image of backups."""

import io
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from docker.errors import NotFound

from images.tests.engine import Engine, fresh_name


@contextmanager
def exchange(engine: Engine, files: Mapping[str, str | bytes] | None = None) -> Iterator[str]:
    """The name of a new volume that is to be mounted at /exchange, with these files in it."""
    with engine.volume(files) as volume:
        mounts = {volume: {"bind": "/exchange", "mode": "rw"}}
        with engine.run("debian:trixie-slim", ["chmod", "777", "/exchange"], volumes=mounts, cap_drop=[]) as carrier:
            assert carrier.exit_code() == 0
        yield volume


def read(engine: Engine, volume: str, path: str) -> bytes | None:
    """A file's content; None when there is no such file."""
    mounts = {volume: {"bind": "/files", "mode": "ro"}}
    carrier = engine.client.containers.create("debian:trixie-slim", name=fresh_name(), volumes=mounts)
    try:
        parts, _ = carrier.get_archive(f"/files/{path}")
        with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as archive:
            entry = archive.extractfile(archive.getmembers()[0])
            assert entry is not None, f"{path} is a folder"
            return entry.read()
    except NotFound:
        return None
    finally:
        carrier.remove()
