"""Sessions in Redis: who is logged in, for how long, under which token.

All sessions of an account are fields of one hash, and each field has a lifetime of its own. Redis evicts only keys with
a lifetime, and this key has none: a cache that fills the memory pushes no session out.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from redis.asyncio import Redis
from redis.commands.core import HashDataPersistOptions

from market_research.accounts.account import Account

IDLE_SECONDS = 12 * 3600
LONGEST_SECONDS = 7 * 24 * 3600
ROTATE_SECONDS = 15 * 60
# Requests that were under way with the old token are still answered.
OVERLAP_SECONDS = 60
PREFIX = "sessions:"


class _Record(BaseModel):
    """What Redis keeps of a session: whose it is, and when (seconds since the epoch) it and its token began.

    The next token is made of this one's secret, which Redis does not know, and the seed: the same for every request.
    """

    model_config = ConfigDict(frozen=True)

    account: Account
    since: float
    rotated: float
    seed: str = Field(default_factory=lambda: secrets.token_urlsafe(16))
    replaced: bool = False


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
        if not record.replaced and time.time() - record.rotated < ROTATE_SECONDS:
            return Session(record.account)
        if _seconds_left(record) <= 0:
            return None
        return await self._renewed(token, record)

    async def _renewed(self, token: str, record: _Record) -> Session | None:
        """The session under its next token; asked again with the old one, it is the same."""
        successor = f"{record.account.id.hex}.{_next_secret(token, record.seed)}"
        if not record.replaced and not await self._replace(token, record, successor):
            return None
        return Session(record.account, successor)

    async def _replace(self, token: str, record: _Record, successor: str) -> bool:
        """Write both tokens at once, so that none is replaced by one that is not there; False when all is closed."""
        old = record.model_copy(update={"replaced": True})
        fresh = _Record(account=record.account, since=record.since, rotated=time.time())
        async with self._redis.pipeline(transaction=True) as commands:
            # Only what is still there: an account's sessions may have been closed since it was read.
            await _store(commands, token, old, OVERLAP_SECONDS, HashDataPersistOptions.FXX)
            await _store(commands, successor, fresh, _lifetime(fresh), HashDataPersistOptions.FNX)
            still_there, _ = await commands.execute()
        if not still_there:
            await self.close(successor)
        return bool(still_there)

    async def close(self, token: str) -> None:
        """End the session of a token, if there is one."""
        if place := _place(token):
            await self._redis.hdel(*place)

    async def close_all(self, account_id: UUID) -> None:
        """End every session of an account."""
        await self._redis.delete(_key(account_id))

    async def owners(self) -> AsyncIterator[UUID]:
        """Whose sessions there are; an account may come more than once."""
        async for key in self._redis.scan_iter(match=f"{PREFIX}*", count=1000):
            yield UUID(key.decode().removeprefix(PREFIX))

    async def _write(self, record: _Record) -> str:
        token = f"{record.account.id.hex}.{secrets.token_urlsafe(32)}"
        await _store(self._redis, token, record, _lifetime(record))
        return token


async def _store(
    redis: Redis, token: str, record: _Record, seconds: int, condition: HashDataPersistOptions | None = None
) -> None:
    place = _place(token)
    assert place is not None  # noqa: S101 - tokens that this module has made or read
    key, field = place
    await redis.hsetex(key, field, record.model_dump_json(), ex=seconds, data_persist_option=condition)


def _seconds_left(record: _Record) -> int:
    return int(record.since + LONGEST_SECONDS - time.time())


def _lifetime(record: _Record) -> int:
    return max(1, min(IDLE_SECONDS, _seconds_left(record)))


def _next_secret(token: str, seed: str) -> str:
    digest = hmac.digest(token.encode(), seed.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _place(token: str) -> tuple[str, str] | None:
    """Key and field of a token: the field is a hash, so that whoever reads Redis cannot log in with it."""
    owner, dot, secret = token.partition(".")
    try:
        return (_key(UUID(owner)), hashlib.sha256(secret.encode()).hexdigest()) if dot else None
    except ValueError:
        return None


def _key(account_id: UUID) -> str:
    return f"{PREFIX}{account_id.hex}"
