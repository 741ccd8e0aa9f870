"""One-time links to sign up with; only a hash of their token is kept."""

import hashlib
import secrets
from datetime import datetime

from psycopg import AsyncConnection
from pydantic import BaseModel

from market_research.accounts import account
from market_research.accounts.account import Account

LIFETIME_HOURS = 24
GOOD = "token_hash = %s AND expires_at > now() AND coalesce(email, %s) = %s"


class Invitation(BaseModel):
    """Where the link leads on this site; the token is a fragment, so that no server's log sees it."""

    path: str
    expires_at: datetime


async def create(connection: AsyncConnection, email: str | None = None) -> Invitation:
    """A new link for whoever has it, or for one address alone, whose account it may then take over."""
    token = secrets.token_urlsafe(32)
    await connection.execute("DELETE FROM invitation WHERE expires_at < now()")
    cursor = await connection.execute(
        "INSERT INTO invitation VALUES (%s, %s, now() + make_interval(hours => %s)) RETURNING expires_at",
        [_hash(token), email, LIFETIME_HOURS],
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - INSERT ... RETURNING gives a row or raises
    return Invitation(path=f"/sign-up#{token}", expires_at=row[0])


async def is_good(connection: AsyncConnection, token: str, email: str) -> bool:
    """Whether an account could be made with this link for this address: a cheap question before a dear hash."""
    row = await (
        await connection.execute(f"SELECT EXISTS (SELECT 1 FROM invitation WHERE {GOOD})", [_hash(token), email, email])
    ).fetchone()
    return row == (True,)


async def redeem(connection: AsyncConnection, token: str, email: str, name: str, password_hash: str) -> Account | None:
    """The account that the link makes, or the one of its address with another password; None when it is not good.

    psycopg.errors.UniqueViolation when the address has an account that the link is not for. Only success uses it up.
    """
    async with connection.transaction():
        cursor = await connection.execute(
            f"DELETE FROM invitation WHERE {GOOD} RETURNING email",
            [_hash(token), email, email],
        )
        row = await cursor.fetchone()
        if row is None:
            return None
        renewed = await account.renew(connection, email, name, password_hash) if row[0] else None
        return renewed or await account.insert(connection, email, name, password_hash)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
