"""Everything that could hold a secret, piece by piece, and which pieces do; no message shows the secret itself."""

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import docker
from docker.models.containers import Container
from docker.models.images import Image

from smoke_tests import stack
from smoke_tests.secret_files import Secret

CHUNK = 4 * 1024 * 1024
TAR_MAGIC = slice(257, 262)
GZIP_MAGIC = b"\x1f\x8b"
ENVIRONMENT_AND_ARGUMENTS = "axeww -o pid,args"
"""For the host's `ps`, which is root's: the environment follows the command line."""

Piece = tuple[str, IO[bytes]]
"""Where it is, and what is there."""


def showing(pieces: Iterable[Piece], secrets: Iterable[Secret]) -> list[str]:
    """Where a secret is."""
    values = [spelling.encode() for secret in secrets for spelling in _spellings(secret.value)]
    assert values, "without a secret nothing can be searched for"
    return [where for where, content in pieces if _holds(content, values)]


def _spellings(value: str) -> set[str]:
    """As it is, and as JSON has it; Go's escapes what HTML would take for its own."""
    in_json = json.dumps(value)[1:-1]
    in_go = in_json
    for sign in "&<>":
        in_go = in_go.replace(sign, f"\\u{ord(sign):04x}")
    return {value, in_json, in_go}


def _holds(content: IO[bytes], values: list[bytes]) -> bool:
    """Read in chunks that overlap, since a file may be larger than memory."""
    overlap = max(map(len, values)) - 1
    before = b""
    while chunk := content.read(CHUNK):
        window = before + chunk
        if any(value in window for value in values):
            return True
        before = window[-overlap:]
    return False


def text(where: str, words: str) -> Piece:
    """A piece that is a text."""
    return where, io.BytesIO(words.encode())


def settings(containers: Iterable[Container]) -> Iterator[Piece]:
    """What Docker shows of containers: environment, command, labels and all else."""
    for container in containers:
        yield text(f"docker inspect {container.name}", json.dumps(container.attrs))


def processes(containers: Iterable[Container]) -> Iterator[Piece]:
    """The command lines and the environments of running processes, as the kernel has them."""
    for container in containers:
        if container.status == "running":
            told = container.top(ps_args=ENVIRONMENT_AND_ARGUMENTS)
            yield text(f"a process of {container.name}", json.dumps(told))


def logs(containers: Iterable[Container]) -> Iterator[Piece]:
    """What containers have written."""
    for container in containers:
        yield f"docker logs {container.name}", io.BytesIO(container.logs())


def image(engine: docker.DockerClient, image: Image) -> Iterator[Piece]:
    """An image's settings, its history, and every file of each of its layers."""
    yield text(f"the settings of {image.id}", json.dumps([image.attrs, image.history()]))
    for layer, member, content in layer_members(engine, image):
        if content:
            yield f"{image.id}: {layer}: {member.name}", content


def layer_members(engine: docker.DockerClient, image: Image) -> Iterator[tuple[str, tarfile.TarInfo, IO[bytes] | None]]:
    """The files and links of an image's layers as they are streamed, and what describes it, good until the next."""
    stream: Any = _Stream(engine.api.get_image(str(image.id)))
    with tarfile.open(fileobj=stream, mode="r|") as outer:
        for part in outer:
            content = outer.extractfile(part) if part.isfile() else None
            if content is None:
                continue
            start = content.peek(512)[:512]  # type: ignore[attr-defined]  # it is a BufferedReader
            if start[TAR_MAGIC] != b"ustar" and not start.startswith(GZIP_MAGIC):
                yield "", part, content
                continue
            with tarfile.open(fileobj=content, mode="r|*") as layer:
                for member in layer:
                    if not member.isdir():
                        yield part.name, member, layer.extractfile(member) if member.isfile() else None


class _Stream(io.RawIOBase):
    """What the engine sends, read as it comes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def state(name: str) -> Iterator[Piece]:
    """A stack's state as it is stored, and where that is a folder, its older versions in it."""
    yield text("the stored state", stack.state(name))
    backend = urlsplit(stack.backend())
    if backend.scheme == "file":
        folder = Path(backend.netloc + backend.path).expanduser() / ".pulumi"
        yield from _files(one for one in sorted(folder.rglob("*")) if any(part.startswith(name) for part in one.parts))


def checkout(folder: Path) -> Iterator[Piece]:
    """The files of a checkout that git has or would take, and every object of its history; without git, its files."""
    listing = _git(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listing is None:
        yield from _files(one for one in sorted(folder.rglob("*")) if not _is_hidden(one.relative_to(folder)))
        return
    yield from _files(folder / os.fsdecode(name) for name in listing.split(b"\0") if name)
    objects = io.BytesIO(_git(folder, "cat-file", "--batch-all-objects", "--batch") or b"")
    while head := objects.readline().split():
        yield f"git object {head[0].decode()}", io.BytesIO(objects.read(int(head[2])))
        objects.readline()


def _git(folder: Path, *arguments: str) -> bytes | None:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "node_modules" for part in path.parts)


def _files(paths: Iterable[Path]) -> Iterator[Piece]:
    for path in paths:
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as content:
                yield str(path), content
