"""Passwords as they are kept: scrypt with a salt of their own."""

import asyncio
import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode

# OWASP's choice for 16 MiB a hash (N=2^14, r=8, p=5): a larger N would not fit into a small container.
COST, BLOCK, PARALLEL = 2**14, 8, 5
SALT_BYTES = 16
# What several logins at once may take of memory and of the cores.
AT_ONCE = asyncio.Semaphore(2)
# Each takes a quarter of a second of a core: more would wait for longer than people do.
MOST_WAITING = 20
waiting = 0
NOBODYS = "scrypt:" + b64encode(bytes(SALT_BYTES)).decode() + ":" + b64encode(bytes(64)).decode()
"""No password fits it: verifying against it takes as long as against somebody's."""


async def hashed(password: str) -> str:
    """What to store of a password, as `scrypt:<salt>:<hash>`."""
    salt = secrets.token_bytes(SALT_BYTES)
    digest = await _digest(password, salt)
    return f"scrypt:{b64encode(salt).decode()}:{b64encode(digest).decode()}"


async def fits(password: str, stored: str) -> bool:
    """Whether this is the password that was stored."""
    _, salt, digest = stored.split(":")
    return hmac.compare_digest(await _digest(password, b64decode(salt)), b64decode(digest))


class TooManyError(Exception):
    """So many passwords wait to be hashed that another one would wait for too long."""


def expect_room() -> None:
    """TooManyError when a password would be refused now."""
    if waiting >= MOST_WAITING:
        raise TooManyError


async def _digest(password: str, salt: bytes) -> bytes:
    global waiting  # noqa: PLW0603 - a count of this process, as the semaphore is
    expect_room()
    waiting += 1
    try:
        return await _in_turn(password, salt)
    finally:
        waiting -= 1


async def _in_turn(password: str, salt: bytes) -> bytes:
    async with AT_ONCE:
        return await asyncio.to_thread(
            hashlib.scrypt, password.encode(), salt=salt, n=COST, r=BLOCK, p=PARALLEL, maxmem=2**26
        )
