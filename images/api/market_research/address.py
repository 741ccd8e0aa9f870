"""Where a store listens, as one line of the environment says it."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator
from pydantic_settings import NoDecode


@dataclass(frozen=True)
class Address:
    """Host and port of a store, the user to log in as, and the database (empty where there is none)."""

    user: str
    host: str
    port: int
    database: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class _Form:
    """The one way in which an address may be written; it serves as the parser and as the error's text."""

    text: str

    def __str__(self) -> str:
        return self.text

    def __call__(self, value: object) -> Address:
        """The address in `value`; ValueError that tells the form and does not repeat the value."""
        try:
            parts = urlsplit(str(value))
            port = parts.port
        except ValueError:
            raise ValueError(f"write {self.text}") from None
        if parts.password is not None:
            raise ValueError(f"no password here (it is read from a secret file): write {self.text}")
        scheme, _, rest = self.text.partition("://")
        database = parts.path.removeprefix("/")
        complete = parts.scheme == scheme and bool(database) == ("/" in rest)
        if not (complete and parts.username and parts.hostname and port):
            raise ValueError(f"write {self.text}")
        return Address(parts.username, parts.hostname, port, database)


PostgresAddress = Annotated[Address, NoDecode, BeforeValidator(_Form("postgresql://<user>@<host>:<port>/<database>"))]
RedisAddress = Annotated[Address, NoDecode, BeforeValidator(_Form("redis://<user>@<host>:<port>/<number>"))]
Neo4jAddress = Annotated[Address, NoDecode, BeforeValidator(_Form("bolt://<user>@<host>:<port>"))]
