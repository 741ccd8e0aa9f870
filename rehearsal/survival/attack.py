"""Too many requests, or requests that never end, from one address; in a guest, standard library alone."""

import asyncio
import json
import sys
import time
from collections import Counter

FLOOD_PER_SECOND = 1000
FLOOD_CONNECTIONS = 50
SLOW_CONNECTIONS = 500
PAUSE_SECONDS = 1
REQUEST = b"GET / HTTP/1.1\r\nHost: edge\r\n"


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """The status of one answer, read to its end. Raises OSError or EOFError when the connection breaks."""
    writer.write(REQUEST + b"\r\n")
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0] or 0))
    return head.split()[1]


async def flood(host: str, port: int, seconds: float) -> Counter[str]:
    """FLOOD_PER_SECOND requests on connections that stay open, as far as this machine manages."""
    deadline = time.monotonic() + seconds
    found: Counter[str] = Counter()

    async def come() -> None:
        while time.monotonic() < deadline:
            try:
                line = await asyncio.open_connection(host, port)
                while time.monotonic() < deadline:
                    found[await asked(*line)] += 1
                    await asyncio.sleep(FLOOD_CONNECTIONS / FLOOD_PER_SECOND)
                line[1].close()
            except (OSError, EOFError) as error:
                found[type(error).__name__] += 1

    await asyncio.gather(*(come() for _ in range(FLOOD_CONNECTIONS)))
    return found


async def slowly(host: str, port: int, seconds: float) -> Counter[str]:
    """SLOW_CONNECTIONS that send a byte of a header a second; whoever is hung up on comes again."""
    deadline = time.monotonic() + seconds
    found: Counter[str] = Counter()

    async def come() -> None:
        while time.monotonic() < deadline:
            try:
                reader, writer = await asyncio.open_connection(host, port)
                writer.write(REQUEST + b"X: ")
                while time.monotonic() < deadline and not await _answered(reader):
                    writer.write(b"x")
                found["held to the end" if time.monotonic() >= deadline else "hung up"] += 1
                writer.close()
            except OSError as error:
                found[type(error).__name__] += 1
                await asyncio.sleep(PAUSE_SECONDS)

    await asyncio.gather(*(come() for _ in range(SLOW_CONNECTIONS)))
    return found


async def _answered(reader: asyncio.StreamReader) -> bool:
    """Whether something came, or the end, within a pause."""
    try:
        async with asyncio.timeout(PAUSE_SECONDS):
            await reader.read(1)
    except TimeoutError:
        return False
    return True


if __name__ == "__main__":
    address, way, lasts = sys.argv[1:]
    server, _, number = address.rpartition(":")
    json.dump(asyncio.run({"flood": flood, "slowly": slowly}[way](server, int(number), float(lasts))), sys.stdout)
