"""The files that go into a container before it starts."""

from __future__ import annotations

import base64
import tarfile
import time
from io import BytesIO
from pathlib import Path

from toolchain.providers.failures import ProviderError
from toolchain.providers.schema import Values

_SOURCES = ("content", "contentBase64", "source")


def archive(upload: Values) -> bytes:
    """Return one upload as a tar archive for the root folder; raise ProviderError when its content is unclear."""
    content = _content(upload)
    entry = tarfile.TarInfo(upload["file"].lstrip("/"))
    entry.size = len(content)
    entry.mode = int(upload.get("permissions") or ("0744" if upload.get("executable") else "0644"), 8)
    entry.mtime = int(time.time())
    buffer = BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.addfile(entry, BytesIO(content))
    return buffer.getvalue()


def _content(upload: Values) -> bytes:
    given = [source for source in _SOURCES if upload.get(source)]
    if len(given) != 1:
        raise ProviderError(
            f"upload of {upload['file']}: exactly one of {', '.join(_SOURCES)} must be set and not empty; "
            f"got {', '.join(given) or 'none'}"
        )
    if given == ["content"]:
        return str(upload["content"]).encode()
    if given == ["contentBase64"]:
        return base64.b64decode(upload["contentBase64"])
    try:
        return Path(upload["source"]).read_bytes()
    except OSError as error:
        raise ProviderError(f"upload of {upload['file']}: cannot read {upload['source']}: {error.strerror}") from error
