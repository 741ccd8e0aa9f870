"""An account, and how it is kept in PostgreSQL."""

from typing import Annotated
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row
from pydantic import BaseModel, ConfigDict, StringConstraints

from market_research.text import Email, Name, Storable

Password = Annotated[str, StringConstraints(min_length=12, max_length=200), Storable]


class Account(BaseModel):
    """Somebody who may log in; all accounts share the workspace."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    email: Email
    name: Name


class StoredAccount(Account):
    """An account with the hash of its password."""

    password: str


async def find(connection: AsyncConnection, email: str) -> StoredAccount | None:
    """The account of an e-mail address."""
    async with connection.cursor(row_factory=class_row(StoredAccount)) as cursor:
        await cursor.execute("SELECT id, email, name, password FROM account WHERE email = %s", [email])
        return await cursor.fetchone()


async def any_exists(connection: AsyncConnection) -> bool:
    """Whether anybody has an account yet."""
    row = await (await connection.execute("SELECT EXISTS (SELECT 1 FROM account)")).fetchone()
    return row == (True,)


async def insert(connection: AsyncConnection, email: str, name: str, password_hash: str) -> Account:
    """A new account; psycopg.errors.UniqueViolation when the address has one already."""
    async with connection.cursor(row_factory=class_row(Account)) as cursor:
        await cursor.execute(
            "INSERT INTO account (email, name, password) VALUES (%s, %s, %s) RETURNING id, email, name",
            [email, name, password_hash],
        )
        return _one(await cursor.fetchone())


async def renew(connection: AsyncConnection, email: str, name: str, password_hash: str) -> Account | None:
    """The account with another name and password; None when the address has no account."""
    async with connection.cursor(row_factory=class_row(Account)) as cursor:
        await cursor.execute(
            "UPDATE account SET name = %s, password = %s WHERE email = %s RETURNING id, email, name",
            [name, password_hash, email],
        )
        return await cursor.fetchone()


async def delete(connection: AsyncConnection, account_id: UUID) -> None:
    """Forget an account."""
    await connection.execute("DELETE FROM account WHERE id = %s", [account_id])


def _one(account: Account | None) -> Account:
    assert account is not None  # noqa: S101 - INSERT ... RETURNING gives a row or raises
    return account
