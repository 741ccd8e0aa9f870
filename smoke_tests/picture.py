"""A picture to show to participants: a small PNG, made here."""

import struct
import zlib

SIDE = 16
RED = b"\xd0\x30\x30"
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png() -> bytes:
    """A red square."""
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    rows = (b"\x00" + RED * SIDE) * SIDE
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
