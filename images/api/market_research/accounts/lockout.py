"""Wrong passwords are counted per e-mail address, with or without an account; many of them lock it for a while."""

import hashlib

from redis.asyncio import Redis

ALLOWED = 5
LOCKED_SECONDS = 300
# As with sessions: fields with lifetimes in a key without one are never evicted.
KEY = "lockouts"


class Lockout:
    """Counts attempts before they are tried, so that trying many at once gains nothing."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def attempt(self, email: str) -> int:
        """Seconds for which the address is locked; 0 when a password may be tried, which is counted as a wrong one."""
        field = _field(email)
        async with self._redis.pipeline(transaction=True) as commands:
            commands.hincrby(KEY, field, 1)
            commands.hexpire(KEY, LOCKED_SECONDS, field, nx=True)
            commands.httl(KEY, field)
            count, _, (left,) = await commands.execute()
        return max(1, left) if count > ALLOWED else 0

    async def forget(self, email: str) -> None:
        """The password was right: nothing speaks against the address."""
        await self._redis.hdel(KEY, _field(email))


def _field(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()
