"""What becomes of sessions as time goes by, as JSON: images/tests run it in the API's container, shortened."""

import asyncio
import json
import time
from typing import Any
from uuid import UUID

from market_research.accounts import lockout, presence, session
from market_research.accounts.account import Account
from market_research.settings import Passwords, Settings
from market_research.stores import Stores

ADA = Account(id=UUID(int=1), email="ada@example.com", name="Ada")
KEY = f"sessions:{ADA.id.hex}"


async def rotate(sessions: session.Sessions, stores: Stores) -> dict[str, object]:
    """A token that is due for another one."""
    session.ROTATE_SECONDS = 0
    old = await sessions.open(ADA)
    first = await sessions.find(old)
    assert first
    assert first.renewed
    lifetimes = sorted(await stores.redis.httl(KEY, *await stores.redis.hkeys(KEY)))
    again = await sessions.find(old)
    session.ROTATE_SECONDS = 60
    after = [await sessions.find(token) for token in (old, first.renewed)]
    shown = str(await stores.redis.hgetall(KEY))
    secrets = [token.partition(".")[2] for token in (old, first.renewed)]
    return {
        "changed": old != first.renewed,
        "same again": again is not None and again.renewed == first.renewed,
        "lifetimes": lifetimes,
        "both valid": [found is not None and found.account == ADA for found in after],
        "kept in clear": any(secret in shown for secret in secrets),
        "key expires": await stores.redis.ttl(KEY) != -1,
    }


async def crowd(sessions: session.Sessions, stores: Stores) -> dict[str, object]:
    """Ten requests at once with one token that is due, each followed by another one with what it got."""

    async def follow(token: str) -> str | None:
        found = await sessions.find(token)
        renewed = found.renewed if found else None
        return renewed if renewed and await sessions.find(renewed) else None

    await sessions.close_all(ADA.id)
    session.ROTATE_SECONDS = 1
    token = await sessions.open(ADA)
    await asyncio.sleep(1.1)
    followed = await asyncio.gather(*(follow(token) for _ in range(10)))
    session.ROTATE_SECONDS = 60
    return {"successors": len(set(followed)), "good": None not in followed, "fields": await stores.redis.hlen(KEY)}


class Interrupted(session.Sessions):
    """Somebody closes all sessions of the account after a token was read, and before it is replaced."""

    async def _renewed(self, *read: Any) -> session.Session | None:
        await self.close_all(ADA.id)
        return await super()._renewed(*read)


async def interrupt(sessions: session.Sessions, stores: Stores) -> dict[str, object]:
    """A token that is due while the account's sessions are closed."""
    session.ROTATE_SECONDS = 0
    found = await Interrupted(stores.redis).find(await sessions.open(ADA))
    session.ROTATE_SECONDS = 60
    return {"found": found is not None, "left": await stores.redis.hlen(KEY)}


async def end(sessions: session.Sessions, stores: Stores) -> dict[str, object]:
    """Sessions that are over, one way or another."""
    await sessions.close_all(ADA.id)
    session.IDLE_SECONDS = 1
    idle = await sessions.open(ADA)
    await asyncio.sleep(1.2)
    session.IDLE_SECONDS = 60
    session.LONGEST_SECONDS, session.ROTATE_SECONDS = 1, 0
    long = await sessions.open(ADA)
    await asyncio.sleep(1.1)
    over = {"idle": await sessions.find(idle) is None, "long": await sessions.find(long) is None}
    session.LONGEST_SECONDS, session.ROTATE_SECONDS = 600, 60
    closed, other = await sessions.open(ADA), await sessions.open(ADA)
    await sessions.close(closed)
    over |= {"closed": await sessions.find(closed) is None, "other stays": await sessions.find(other) is not None}
    await sessions.close_all(ADA.id)
    over |= {"all closed": await sessions.find(other) is None, "nothing left": await stores.redis.exists(KEY) == 0}
    return {**over, "nonsense": [await sessions.find(text) for text in ("", ".", "x.y", "\ud800", "1" * 32 + ".")]}


async def lock(stores: Stores) -> dict[str, object]:
    """Ten attempts at once, and one after the lock is over."""
    lockout.LOCKED_SECONDS = 2
    guard = lockout.Lockout(stores.redis)
    waits = await asyncio.gather(*(guard.attempt("ada@example.com") for _ in range(10)))
    other = await guard.attempt("ben@example.com")
    await asyncio.sleep(2.2)
    return {
        "tried": waits.count(0),
        "longest": max(waits),
        "other": other,
        "after": await guard.attempt("ada@example.com"),
    }


async def meet(stores: Stores) -> dict[str, object]:
    """Somebody whom two processes see; others were here ten minutes ago and an hour ago."""
    long_ago = {UUID(int=4).hex: time.time() - 3600, UUID(int=3).hex: time.time() - 600}
    await stores.redis.zadd(presence.KEY, long_ago)
    for process in (presence.Presence(stores.redis), presence.Presence(stores.redis)):
        await process.note(ADA.id)
    counted = await presence.Presence(stores.redis).count()
    return {"counted": list(counted.items()), "kept": await stores.redis.zcard(presence.KEY)}


async def main() -> None:
    """Print the outcome of all."""
    stores = Stores.at(Settings.load(), Passwords.load())
    sessions = session.Sessions(stores.redis)
    outcome = {
        "rotated": await rotate(sessions, stores),
        "crowd": await crowd(sessions, stores),
        "interrupted": await interrupt(sessions, stores),
        "ended": await end(sessions, stores),
        "locked": await lock(stores),
        "present": await meet(stores),
    }
    await stores.redis.aclose()
    print(json.dumps(outcome))  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
