"""Visitors of a published stack while it changes: readers, writers, uploads under way."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

import requests

from bench.crowd import Account
from bench.deploys.visit import Connection, Request, Visit

OF_EACH_KIND = 3
PAUSE_SECONDS = 0.3
LONGEST_SECONDS = 240
ANSWER_SECONDS = 20
UPLOAD_SECONDS = 2
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(32 * 1024)


@dataclass
class Visitors:
    """Those of one stack, as long as they are let: what became of each of their requests is in `visits`."""

    port: int
    cookie: str
    project: str
    visits: list[Visit] = field(default_factory=list)
    _over: Event = field(default_factory=Event)

    @classmethod
    def signed_up(cls, port: int, link: str) -> "Visitors":
        """All with one account, which a one-time link opens."""
        url = f"http://127.0.0.1:{port}"
        with requests.Session() as http:
            http.post(f"{url}/api/accounts", json=Account().sign_up(link), timeout=ANSWER_SECONDS).raise_for_status()
            made = http.post(f"{url}/api/projects", json={"name": "visits"}, timeout=ANSWER_SECONDS)
            made.raise_for_status()
            cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
            return cls(port, cookie, str(made.json()["id"]))

    @property
    def requests(self) -> list[Request]:
        """What each of them asks again and again."""
        reads = Request("GET", "/api/personas?limit=20", 200)
        writes = Request("POST", "/api/projects", 201, json.dumps({"name": "visits"}).encode(), "application/json")
        path = f"/api/projects/{self.project}/stimuli?name=visits"
        uploads = Request("POST", path, 201, PICTURE, "image/png", UPLOAD_SECONDS)
        return [reads, writes, uploads]

    def come(self) -> None:
        """Stay until they are told to leave, or for LONGEST_SECONDS."""
        asyncio.run(self._all())

    def leave(self) -> None:
        """Let each of them finish what it asked last."""
        self._over.set()

    async def _all(self) -> None:
        kinds = [(request, keeps) for request in self.requests for keeps in (True, False)]
        deadline = time.monotonic() + LONGEST_SECONDS
        await asyncio.gather(*(self._visit(*kind, deadline) for kind in kinds * OF_EACH_KIND))

    async def _visit(self, request: Request, keeps: bool, deadline: float) -> None:
        connection: Connection | None = None
        while not self._over.is_set() and time.monotonic() < deadline:
            begun, status = time.monotonic(), 0
            with suppress(OSError, EOFError, TimeoutError, ValueError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    if connection is None or not connection.usable:
                        connection = await Connection.opened(self.port)
                    status = await connection.ask(request, self.cookie)
            self.visits.append(Visit(begun, time.monotonic(), request.seconds, status == request.expected, status))
            if connection and not (keeps and status and connection.usable):
                connection.close()
                connection = None
            await asyncio.sleep(PAUSE_SECONDS)
        if connection:
            connection.close()


@contextmanager
def visited(port: int, link: str) -> Iterator[Visitors]:
    """Visitors come before the block begins, and are gone when it has ended."""
    visitors = Visitors.signed_up(port, link)
    thread = Thread(target=visitors.come, daemon=True)
    thread.start()
    try:
        yield visitors
    finally:
        visitors.leave()
        thread.join()
