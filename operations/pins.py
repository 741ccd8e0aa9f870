"""`image` of services in Pulumi.<stack>.yaml, written and taken out without touching anything else in the file."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import yaml

from operations.exit_codes import ExitCode, OperationError
from operations.stack_file import StackFile

KEY = "image"
PIN = "sha256:"


@contextmanager
def pinned(file: StackFile, images: Mapping[str, str | None]) -> Iterator[None]:
    """Give these services these images, or none; the file is put back as it was when the block fails."""
    before = file.path.read_text()
    after = before
    for service, image in images.items():
        after = edited(after, [f"{file.project}:services", service], image)
    if after != before:
        file.path.write_text(after)
    try:
        yield
    except BaseException:
        if after != before:
            file.path.write_text(before)
        raise


def pins(file: StackFile) -> dict[str, str]:
    """The images that a rollback has given to services: IDs, which nobody writes by hand."""
    return {name: image for name, image in _images(file).items() if image.startswith(PIN)}


def own_images(file: StackFile) -> dict[str, str]:
    """The images that somebody chose for services."""
    return {name: image for name, image in _images(file).items() if not image.startswith(PIN)}


def edited(text: str, path: list[str], image: str | None) -> str:
    """The file's text with `image` set in the mapping at `path` below `config`, or taken out of it (None)."""
    mapping = _mapping(yaml.compose(text), ["config", *path])
    found = _entries(mapping).get(KEY)
    if found:
        text = _without(text, mapping, *found)
        return text if image is None else edited(text, path, image)
    return text if image is None else _with(text, mapping, image)


def _images(file: StackFile) -> dict[str, str]:
    return {name: limits.image for name, limits in file.settings.services.items() if limits.image}


def _with(text: str, mapping: yaml.MappingNode, image: str) -> str:
    key, value = mapping.value[-1]
    between = ", " if mapping.flow_style else "\n" + " " * key.start_mark.column
    at = value.end_mark.index
    at = at if mapping.flow_style else len(text[:at].rstrip())
    if not mapping.flow_style:
        at += len(text[at:].partition("\n")[0])  # after the comment of that line
    return f'{text[:at]}{between}{KEY}: "{image}"{text[at:]}'


def _without(text: str, mapping: yaml.MappingNode, key: yaml.Node, value: yaml.Node) -> str:
    start, end = key.start_mark.index, value.end_mark.index
    if not mapping.flow_style:
        return text[: text.rindex("\n", 0, start)] + text[end + len(text[end:].partition("\n")[0]) :]
    if text[end:].lstrip().startswith(","):
        return text[:start] + text[text.index(",", end) + 1 :].lstrip()
    return text[:start].rstrip().removesuffix(",") + text[end:]


def _mapping(node: yaml.Node | None, path: list[str]) -> yaml.MappingNode:
    for key in path:
        node = _entries(node).get(key, (None, None))[1]
    if not isinstance(node, yaml.MappingNode) or not node.value:
        raise OperationError(ExitCode.BROKEN, f"the stack's file has nothing at {' / '.join(path)}: add its limits")
    return node


def _entries(node: yaml.Node | None) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    return {key.value: (key, value) for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}
