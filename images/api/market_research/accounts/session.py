"""Sessions in Redis: who is logged in, for how long, under which token.

All sessions of an account are fields of one hash, and each field has a lifetime of its own. Redis evicts only keys with
a lifetime, and this key has none: a cache that fills the memory pushes no session out.
"""

import hashlib
import secrets
import time
from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from redis.asyncio import Redis

from market_research.accounts.account import Account

IDLE_SECONDS = 12 * 3600
LONGEST_SECONDS = 7 * 24 * 3600
ROTATE_SECONDS = 15 * 60
# Requests that were under way with the old token are still answered.
OVERLAP_SECONDS = 60


class _Record(BaseModel):
    """What Redis keeps of a session: whose it is, and when (seconds since the epoch) it and its token began."""

    model_config = ConfigDict(frozen=True)

    account: Account
    since: float
    rotated: float


@dataclass(frozen=True)
class Session:
    """A session that is valid now; `renewed` is its new token when it got one."""

    account: Account
    renewed: str | None = None


class Sessions:
    """The sessions of all accounts. Everything raises redis.RedisError while Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def open(self, account: Account) -> str:
        """Begin a session and return its token."""
        now = time.time()
        return await self._write(_Record(account=account, since=now, rotated=now))

    async def find(self, token: str) -> Session | None:
        """The session of a token; None when there is none any more. An old token is replaced by a new one."""
        place = _place(token)
        text = await self._redis.hget(*place) if place else None
        if not text:
            return None
        record = _Record.model_validate_json(text)
        now = time.time()
        if now - record.rotated < ROTATE_SECONDS:
            return Session(record.account)
        renewed = record.model_copy(update={"rotated": now})
        if _seconds_left(renewed) <= 0:
            return None
        await self._store(token, renewed, OVERLAP_SECONDS)
        return Session(record.account, await self._write(renewed))

    async def close(self, token: str) -> None:
        """End the session of a token, if there is one."""
        if place := _place(token):
            await self._redis.hdel(*place)

    async def close_all(self, account_id: UUID) -> None:
        """End every session of an account."""
        await self._redis.delete(_key(account_id))

    async def _write(self, record: _Record) -> str:
        token = f"{record.account.id.hex}.{secrets.token_urlsafe(32)}"
        await self._store(token, record, min(IDLE_SECONDS, _seconds_left(record)))
        return token

    async def _store(self, token: str, record: _Record, seconds: int) -> None:
        place = _place(token)
        assert place is not None  # noqa: S101 - tokens that this class has made or read
        await self._redis.hsetex(place[0], place[1], record.model_dump_json(), ex=seconds)


def _seconds_left(record: _Record) -> int:
    return int(record.since + LONGEST_SECONDS - time.time())


def _place(token: str) -> tuple[str, str] | None:
    """Key and field of a token: the field is a hash, so that whoever reads Redis cannot log in with it."""
    owner, dot, secret = token.partition(".")
    try:
        return (_key(UUID(owner)), hashlib.sha256(secret.encode()).hexdigest()) if dot else None
    except ValueError:
        return None


def _key(account_id: UUID) -> str:
    return f"sessions:{account_id.hex}"
