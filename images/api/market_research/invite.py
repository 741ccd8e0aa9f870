"""`python -m market_research.invite`: print the path of a one-time link to sign up with."""

import argparse
import asyncio
import sys
from typing import Any

import psycopg
from pydantic import TypeAdapter, ValidationError

from market_research.accounts import account, invitation
from market_research.settings import Passwords, Settings, SettingsError
from market_research.stores import postgres_options
from market_research.text import Email
from market_research.watch import reason


def main() -> int:
    """Print one line and return 0; nothing to print is no failure. 1 when the database is away, 2 on a mistake."""
    parser = argparse.ArgumentParser(prog="invite", description=__doc__)
    parser.add_argument("--first", action="store_true", help="print nothing when there is an account already")
    parser.add_argument("--email", help="for this address alone; an account that it has gets a new password")
    chosen = parser.parse_args()
    try:
        email = TypeAdapter(Email).validate_python(chosen.email) if chosen.email else None
        link = asyncio.run(_link(Settings.load(), Passwords.load(), email, first=chosen.first))
    except ValidationError:
        sys.stderr.write(f"invite: {chosen.email} is no e-mail address\n")
        return 2
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except psycopg.Error as error:
        sys.stderr.write(f"invite: PostgreSQL does not answer: {reason(error)}\n")
        return 1
    if link:
        sys.stdout.write(f"{link}\n")
    return 0


async def _link(settings: Settings, passwords: Passwords, email: str | None, *, first: bool) -> str | None:
    options: dict[str, Any] = postgres_options(settings.postgres_url, passwords.postgres_password.get_secret_value())
    async with await psycopg.AsyncConnection.connect(**options, autocommit=True) as connection:
        if first and await account.any_exists(connection):
            return None
        return (await invitation.create(connection, email)).path


if __name__ == "__main__":
    sys.exit(main())
