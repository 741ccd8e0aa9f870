"""An image of a few files, for what searches images to be tried on."""

import io
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import docker
from docker.models.images import Image


@contextmanager
def imported(engine: docker.DockerClient, files: Mapping[tarfile.TarInfo, bytes]) -> Iterator[Image]:
    """With these files and links in its only layer; gone afterwards."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for entry, content in files.items():
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    told = engine.api.import_image_from_data(archive.getvalue())
    name = str(told).partition('"status":"')[2].partition('"')[0]
    try:
        yield engine.images.get(name)
    finally:
        engine.images.remove(name)
