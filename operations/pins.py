"""`image` of services in Pulumi.<stack>.yaml, written and taken out without touching anything else in the file."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from operations.stack_file import StackFile
from operations.stack_file_edit import edited, rewritten

KEY = "image"
PIN = "sha256:"


@contextmanager
def pinned(file: StackFile, images: Mapping[str, str | None]) -> Iterator[None]:
    """Give these services these images, or none; the file is put back as it was when the block fails."""
    text = file.path.read_text()
    for service, image in images.items():
        text = edited(text, [f"{file.project}:services", service], KEY, f'"{image}"' if image else None)
    with rewritten(file, text):
        yield


def pins(file: StackFile) -> dict[str, str]:
    """The images that a rollback has given to services: IDs, which nobody writes by hand."""
    return {name: image for name, image in _images(file).items() if image.startswith(PIN)}


def own_images(file: StackFile) -> dict[str, str]:
    """The images that somebody chose for services."""
    return {name: image for name, image in _images(file).items() if not image.startswith(PIN)}


def _images(file: StackFile) -> dict[str, str]:
    return {name: limits.image for name, limits in file.settings.services.items() if limits.image}
