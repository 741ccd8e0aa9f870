import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bench.deploys.visit import Connection, Request

READ = Request("GET", "/", 200)
UPLOAD = Request("POST", "/", 201, bytes(10_000), "image/png", seconds=0.05)
Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answering(text: str) -> Server:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        await reader.readexactly(int(head.partition("Content-Length: ")[2].partition("\r\n")[0]))
        writer.write(text.encode())
        writer.close()

    return answer


def asked(server: Server, request: Request = READ) -> tuple[int, bool]:
    """The status, and whether the connection may be used again."""

    async def ask() -> tuple[int, bool]:
        async with await asyncio.start_server(server, "127.0.0.1", 0) as listening:
            connection = await Connection.opened(listening.sockets[0].getsockname()[1])
            try:
                return await connection.ask(request, "session=1"), connection.stays
            finally:
                connection.close()

    return asyncio.run(ask())


def test_an_answer_of_known_length_is_read_to_its_end() -> None:
    assert asked(answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) == (200, True)


def test_an_answer_in_chunks_is_read_to_its_end() -> None:
    assert asked(answering("HTTP/1.1 502 x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")) == (502, True)


def test_a_server_that_says_close_is_not_asked_again() -> None:
    assert asked(answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")) == (200, False)


@pytest.mark.parametrize(
    "cut", ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"], ids=["no answer", "half of it"]
)
def test_an_answer_that_is_cut_off_is_no_answer(cut: str) -> None:
    with pytest.raises(EOFError):
        asked(answering(cut))


def test_an_upload_arrives_whole() -> None:
    assert asked(answering("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"), UPLOAD) == (201, True)
