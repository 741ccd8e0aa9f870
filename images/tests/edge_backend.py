"""What stands behind the edge in its tests: it tells what reached it, and it leaves as the API does."""

import asyncio
import json
import os
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

WHO = os.environ.get("WHO", "somebody")
HEALTHY = os.environ.get("HEALTHY", "yes") == "yes"
PAGE_HEADERS = {"content-type": "text/html", "content-security-policy": "default-src 'self'", "server": "nginx"}
CHECKS = {"/health", "/frontend_health"}
leaving = asyncio.Event()


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Checks, a stream of events, a page, and an echo for everything else."""
    if scope["type"] == "lifespan":
        _fail_checks_before_leaving()
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})
        return
    path = scope["path"]
    query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
    if path in CHECKS:
        await _answer(send, 200 if HEALTHY and not leaving.is_set() else 503, b"{}")
        return
    body = await _body(receive)
    # Who sent what twice, or never, is found in these lines.
    print(scope["method"], path, query.get("number", ""), flush=True)  # noqa: T201
    await asyncio.sleep(float(query.get("seconds", 0)))
    if path == "/api/events":
        await _events(send, int(query["count"]), float(query["every"]))
    elif path.startswith("/api/"):
        await _answer(send, int(query.get("status", 200)), _echo(scope, body) + b" " * int(query.get("bytes", 0)))
    else:
        await _answer(send, 200, f"<p>{WHO}</p>".encode(), PAGE_HEADERS)


def _fail_checks_before_leaving() -> None:
    """On SIGTERM checks fail at once, and the server's own handler is called after DRAIN_SECONDS."""
    stop, loop = signal.getsignal(signal.SIGTERM), asyncio.get_running_loop()
    assert callable(stop)

    def leave() -> None:
        leaving.set()
        loop.call_later(float(os.environ.get("DRAIN_SECONDS", "0")), stop, signal.SIGTERM, None)

    signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(leave))


async def _body(receive: Receive) -> int:
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    return size


def _echo(scope: Scope, size: int) -> bytes:
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode(), []).append(value.decode())
    asked = scope["raw_path"].decode() + ("?" + scope["query_string"].decode() if scope["query_string"] else "")
    return json.dumps({"who": WHO, "asked": asked, "body": size, "headers": headers}).encode()


async def _answer(send: Send, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
    every = {"content-type": "application/json", **(headers or {}), "content-length": str(len(body))}
    pairs = [(name.encode(), value.encode()) for name, value in every.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


async def _events(send: Send, count: int, every: float) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    for number in range(count):
        await send({"type": "http.response.body", "body": f"data: {number}\n\n".encode(), "more_body": True})
        await asyncio.sleep(every)
    await send({"type": "http.response.body", "body": b""})
