"""News of focus groups, across processes: PostgreSQL's LISTEN and NOTIFY, on one connection per process."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from market_research.watch import reason

CHANNEL = "focus_group"
PAUSE_SECONDS = 1.0
# A server that is gone without a word is noticed after this many seconds of silence.
KEEPALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
WORK = None

log = logging.getLogger(__name__)


async def announce(connection: AsyncConnection, group_id: UUID) -> None:
    """Tell everybody, when this transaction is committed, that a focus group has changed."""
    await connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(group_id)])


async def call_for_work(connection: AsyncConnection) -> None:
    """Tell those who run focus groups, when this transaction is committed, that there is something to do."""
    await connection.execute("SELECT pg_notify(%s, '')", [CHANNEL])


class Bulletin:
    """Wakes those in this process who follow a focus group."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options: dict[str, Any] = {**options, **KEEPALIVE}
        self._followers: dict[UUID | None, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def follow(self, group_id: UUID | None = WORK) -> Iterator[asyncio.Event]:
        """An event that is set at every news of a focus group, or whenever there is work."""
        event = asyncio.Event()
        self._followers[group_id].add(event)
        try:
            yield event
        finally:
            self._followers[group_id].discard(event)
            if not self._followers[group_id]:
                del self._followers[group_id]

    async def listen(self) -> None:
        """Listen until cancelled. After PostgreSQL was away all are woken, for they may have missed something."""
        told = False
        while True:
            try:
                async with await AsyncConnection.connect(**self._options, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    told = False
                    self._wake(*self._followers)
                    async for news in connection.notifies():
                        self._wake(*self._meant(news.payload))
            except psycopg.Error as error:
                # Once per outage: the watch of PostgreSQL tells the rest.
                log.log(logging.DEBUG if told else logging.WARNING, "no news of focus groups: %s", reason(error))
                told = True
            await asyncio.sleep(PAUSE_SECONDS)

    def _meant(self, payload: str) -> list[UUID | None]:
        """Whom a notification is for; one that another version sends in a form of its own is for everybody."""
        try:
            return [UUID(payload) if payload else WORK]
        except ValueError:
            return list(self._followers)

    def _wake(self, *groups: UUID | None) -> None:
        for group in groups:
            for event in self._followers.get(group, ()):
                event.set()
