"""Too many requests, or requests that never end, from one address; in a guest, standard library alone."""

import asyncio
import json
import sys
import time
from collections import Counter

FLOOD_PER_SECOND = 1000
SLOW_CONNECTIONS = 500
PAUSE_SECONDS = 1
REQUEST = b"GET / HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n"


async def one(host: str, port: int) -> str:
    """A request on a connection of its own: the status of its answer."""
    try:
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(REQUEST + b"\r\n")
            status = (await reader.readline()).split()[1].decode()
            writer.close()
    except (OSError, TimeoutError, IndexError) as error:
        return type(error).__name__
    return status


async def flood(host: str, port: int, seconds: float) -> Counter[str]:
    """FLOOD_PER_SECOND requests, whatever becomes of those before."""
    asked: list[asyncio.Task[str]] = []
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < seconds:
        for _ in range(int(passed * FLOOD_PER_SECOND) - len(asked)):
            asked.append(asyncio.create_task(one(host, port)))
        await asyncio.sleep(0.01)
    return Counter(await asyncio.gather(*asked))


async def slowly(host: str, port: int, seconds: float) -> Counter[str]:
    """SLOW_CONNECTIONS that send a byte of a header a second; whoever is hung up on comes again."""
    deadline = time.monotonic() + seconds
    found: Counter[str] = Counter()

    async def come() -> None:
        while time.monotonic() < deadline:
            try:
                reader, writer = await asyncio.open_connection(host, port)
                writer.write(REQUEST + b"X: ")
                while time.monotonic() < deadline and not reader.at_eof():
                    writer.write(b"x")
                    await asyncio.sleep(PAUSE_SECONDS)
                found["hung up" if reader.at_eof() else "held to the end"] += 1
                writer.close()
            except OSError as error:
                found[type(error).__name__] += 1
                await asyncio.sleep(PAUSE_SECONDS)

    await asyncio.gather(*(come() for _ in range(SLOW_CONNECTIONS)))
    return found


if __name__ == "__main__":
    address, way, lasts = sys.argv[1:]
    server, _, number = address.rpartition(":")
    json.dump(asyncio.run({"flood": flood, "slowly": slowly}[way](server, int(number), float(lasts))), sys.stdout)
