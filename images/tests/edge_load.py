"""Many readers and writers at once, on connections that stay and on new ones: what they sent and what they got."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread

PAUSE_SECONDS = 0.05


@dataclass
class Load:
    """The answers so far: status and sender's kind; status 0 when the connection broke."""

    address: str
    answers: Counter[tuple[int, str]] = field(default_factory=Counter)
    posted: list[int] = field(default_factory=list)
    slowest: float = 0
    _numbers: Iterator[int] = field(default_factory=count)
    _over: Event = field(default_factory=Event)

    @property
    def sent(self) -> int:
        return self.answers.total()

    @property
    def failed(self) -> dict[tuple[int, str], int]:
        return {answer: times for answer, times in self.answers.items() if answer[0] != 200}

    def stop(self) -> None:
        """Let every client finish what it asked last."""
        self._over.set()

    async def run(self) -> None:
        """Until stopped: six of each kind, and four whose requests take a second."""
        kinds = [("GET", True, 0.0), ("POST", True, 0.0), ("GET", False, 0.0), ("POST", False, 0.0)] * 6
        slow = [("GET", True, 1.0), ("POST", False, 1.0)] * 2
        await asyncio.gather(*(self._client(*kind) for kind in kinds + slow))

    async def _client(self, method: str, keeps: bool, seconds: float) -> None:
        kind = f"{'slow ' if seconds else ''}{method} on {'a kept' if keeps else 'a new'} connection"
        connection = None
        while not self._over.is_set():
            began = time.monotonic()
            number = next(self._numbers)
            if method == "POST":
                self.posted.append(number)
            try:
                connection = connection or await asyncio.open_connection(self.address, 8080)
                async with asyncio.timeout(15):
                    status = await _ask(connection, method, number, seconds)
            except (OSError, EOFError, TimeoutError):
                status = 0
            self.answers[status, kind] += 1
            self.slowest = max(self.slowest, time.monotonic() - began - seconds)
            if connection and (not keeps or not status):
                connection[1].close()
                connection = None
            await asyncio.sleep(PAUSE_SECONDS)


async def _ask(
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], method: str, number: int, seconds: float
) -> int:
    reader, writer = connection
    body = "x" * 100 if method == "POST" else ""
    path = f"/api/load?number={number}&seconds={seconds}"
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: edge\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0]))
    return int(head.split()[1])


@contextmanager
def load(address: str) -> Iterator[Load]:
    """Load on an edge while the block runs; all of its answers are there afterwards."""
    running = Load(address)
    thread = Thread(target=lambda: asyncio.run(running.run()))
    thread.start()
    try:
        yield running
    finally:
        running.stop()
        thread.join()
