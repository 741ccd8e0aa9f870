"""One request over a connection of its own or one that stays open, and what became of it."""

import asyncio
from dataclasses import dataclass

LATER_BYTES = 4096


@dataclass(frozen=True)
class Request:
    """What is asked, and the status that is expected; of a slow one the last part is sent after `seconds`."""

    method: str
    path: str
    expected: int
    body: bytes = b""
    content_type: str = "application/json"
    seconds: float = 0


@dataclass(frozen=True)
class Visit:
    """When a request began and ended (seconds of the monotonic clock), `planned` being how long it was to take.

    `status` is 0 when the connection broke or no answer came in time.
    """

    begun: float
    ended: float
    planned: float
    good: bool
    status: int

    @property
    def latency(self) -> float:
        """Seconds that it took beyond what it was to take."""
        return self.ended - self.begun - self.planned


@dataclass
class Connection:
    """An HTTP/1.1 connection to a port of this machine; `stays` unless an answer says otherwise."""

    port: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    stays: bool = True

    @property
    def usable(self) -> bool:
        """Whether it may be asked once more: clients look whether the server has hung up meanwhile."""
        return self.stays and not self.reader.at_eof()

    @classmethod
    async def opened(cls, port: int) -> "Connection":
        """Connect. Raises OSError when nobody listens."""
        return cls(port, *await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: Request, cookie: str) -> int:
        """The status of the answer. Raises OSError or EOFError when the connection breaks before its end."""
        head = (
            f"{request.method} {request.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nCookie: {cookie}\r\n"
            f"Content-Type: {request.content_type}\r\nContent-Length: {len(request.body)}\r\n\r\n"
        )
        now = len(request.body) - LATER_BYTES if request.seconds else len(request.body)
        self.writer.write(head.encode() + request.body[:now])
        await self.writer.drain()
        if request.seconds:
            await asyncio.sleep(request.seconds)
            self.writer.write(request.body[now:])
            await self.writer.drain()
        return await self._status()

    def close(self) -> None:
        """Hang up."""
        self.writer.close()

    async def _status(self) -> int:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status, _, lines = head.partition("\r\n")
        headers = dict(line.split(": ", 1) for line in lines.split("\r\n") if ": " in line)
        self.stays = headers.get("connection") != "close"
        if headers.get("transfer-encoding") == "chunked":
            await self._skip_chunks()
        else:
            await self.reader.readexactly(int(headers.get("content-length", "0")))
        return int(status.split()[1])

    async def _skip_chunks(self) -> None:
        while size := int(await self.reader.readline(), 16):
            await self.reader.readexactly(size + 2)
        await self.reader.readline()
