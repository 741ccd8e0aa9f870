"""Files of a container, read over the Docker Engine API: it has no shell that could be asked."""

import io
import tarfile
from pathlib import PurePosixPath

from docker.errors import NotFound
from docker.models.containers import Container


def files(container: Container, path: str) -> dict[str, str]:
    """Contents by name of a file, or of a folder's files; nothing when there is none."""
    try:
        chunks, _ = container.get_archive(path)
    except NotFound:
        return {}
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        found = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        return {PurePosixPath(name).name: file.read().decode() for name, file in found.items() if file}
