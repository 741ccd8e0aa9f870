"""Files that go into a container and come out of it, as the engine carries them: in tar archives."""

import io
import tarfile
from collections.abc import Iterable
from pathlib import Path


def unpacked(chunks: Iterable[bytes]) -> str:
    """The text of the one file in an archive, which comes in pieces."""
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        file = archive.extractfile(archive.getmembers()[0])
        return file.read().decode() if file else ""


def lay_out(chunks: Iterable[bytes], to: Path) -> None:
    """Write the files of the one folder in an archive into another one."""
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        for member in archive.getmembers():
            if member.isfile():
                member.name = str(Path(*Path(member.name).parts[1:]))
                archive.extract(member, to, filter="data")


def packed(name: str, content: str, owner: int) -> bytes:
    """A file as an archive, for its owner (a numeric user) to read and for nobody else."""
    buffer, data = io.BytesIO(), content.encode()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.uid, member.gid = len(data), 0o600, owner, owner
        archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()
