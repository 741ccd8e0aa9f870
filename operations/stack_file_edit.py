"""One key of a mapping in Pulumi.<stack>.yaml, written or taken out without touching anything else in the file."""

from collections.abc import Iterator
from contextlib import contextmanager

import yaml

from operations.exit_codes import ExitCode, OperationError
from operations.stack_file import StackFile


@contextmanager
def rewritten(file: StackFile, text: str) -> Iterator[None]:
    """Write another text; the file is put back as it was when the block fails."""
    before = file.path.read_text()
    if text == before:
        yield
        return
    file.path.write_text(text)
    try:
        yield
    except BaseException:
        file.path.write_text(before)
        raise


def edited(text: str, path: list[str], key: str, value: str | None) -> str:
    """The file's text with `key` in the mapping at `path` below `config` set to a YAML `value`, or taken out (None)."""
    mapping = _mapping(yaml.compose(text), ["config", *path])
    found = _entries(mapping).get(key)
    if found:
        text = _without(text, mapping, *found)
        return text if value is None else edited(text, path, key, value)
    return text if value is None else _with(text, mapping, f"{key}: {value}")


def _with(text: str, mapping: yaml.MappingNode, entry: str) -> str:
    key, value = mapping.value[-1]
    between = ", " if mapping.flow_style else "\n" + " " * key.start_mark.column
    at = value.end_mark.index
    at = at if mapping.flow_style else len(text[:at].rstrip())
    if not mapping.flow_style:
        at += len(text[at:].partition("\n")[0])  # after the comment of that line
    return f"{text[:at]}{between}{entry}{text[at:]}"


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
