"""`password_generation` of services in Pulumi.<stack>.yaml: which of two logins clients use (infra/logins.py)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from operations.stack_file import StackFile
from operations.stack_file_edit import edited

KEY = "password_generation"


def generations(file: StackFile, stores: Sequence[str]) -> dict[str, int]:
    """What the file on disk says now."""
    services = StackFile(file.stack, file.checkout).settings.services
    return {store: services[store].password_generation for store in stores}


def raised(file: StackFile, stores: Sequence[str]) -> None:
    """Write the next generation of these."""
    text = file.path.read_text()
    for store, number in generations(file, stores).items():
        text = edited(text, [f"{file.project}:services", store], KEY, str(number + 1))
    file.path.write_text(text)


@contextmanager
def restored_unless_agreed(file: StackFile) -> Iterator[None]:
    """The file is put back as it was when the block fails."""
    before = file.path.read_text()
    try:
        yield
    except BaseException:
        file.path.write_text(before)
        raise
