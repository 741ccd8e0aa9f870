"""`password_generation` of services in Pulumi.<stack>.yaml: which of two logins clients use (infra/logins.py)."""

from collections.abc import Sequence

from operations.stack_file import StackFile
from operations.stack_file_edit import edited

KEY = "password_generation"


def generations(file: StackFile, stores: Sequence[str]) -> dict[str, int]:
    """What the file on disk says now."""
    services = StackFile(file.stack, file.checkout).settings.services
    return {store: services[store].password_generation for store in stores}


def raised(file: StackFile, stores: Sequence[str]) -> str:
    """The file's text with the next generation of these."""
    text = file.path.read_text()
    for store, number in generations(file, stores).items():
        text = edited(text, [f"{file.project}:services", store], KEY, str(number + 1))
    return text
