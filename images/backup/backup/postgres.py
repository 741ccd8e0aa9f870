"""PostgreSQL: a dump and the facts of one and the same snapshot, and the way back into a new database."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psycopg
import psycopg.sql
from psycopg import Connection
from psycopg.rows import TupleRow

from backup import manifest, repository, settings
from backup.manifest import Facts
from backup.repository import Repository
from backup.results import Result
from backup.settings import SECRETS, Address, JobError, Request

DUMP = "market_research.dump"
BACKUP_PASSWORD = SECRETS / "postgres_backup_password"
SUPERUSER_PASSWORD = SECRETS / "postgres_superuser_password"
FACTS = Path(__file__).with_name("facts.sql")
VERSIONS = """SELECT 'postgresql', current_setting('server_version')
UNION ALL SELECT extname, extversion FROM pg_extension"""
CONNECT_SECONDS = 10
PATIENT = "-c idle_in_transaction_session_timeout=0 -c statement_timeout=0"
"""The transaction whose snapshot pg_dump sees is idle for as long as that takes."""
DDL_WAIT = "60s"
"""So long the dump waits for a table that a migration has locked."""


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server and who logs in there."""

    address: Address
    user: str
    password: str

    @contextmanager
    def session(self, database: str) -> Iterator[Connection[TupleRow]]:
        """A connection without a transaction of its own. JobError when the server fails anything that is asked."""
        try:
            with self._connect(database) as connection:
                yield connection
        except psycopg.Error as error:
            told = " ".join(str(error).split())
            raise JobError(f"PostgreSQL at {self.address}, database {database}, user {self.user}: {told}") from None

    def options(self, database: str) -> list[str]:
        """The arguments by which PostgreSQL's programs find it."""
        return ["--no-password", *self.place_options(), f"--dbname={database}"]

    def place_options(self) -> list[str]:
        """The arguments of programs that need no database."""
        return [f"--host={self.address.host}", f"--port={self.address.port}", f"--username={self.user}"]

    def _connect(self, database: str) -> Connection[TupleRow]:
        return psycopg.connect(
            host=self.address.host,
            port=self.address.port,
            dbname=database,
            user=self.user,
            password=self.password,
            connect_timeout=CONNECT_SECONDS,
            application_name="backup",
            options=PATIENT,
            autocommit=True,
        )

    @contextmanager
    def password_file(self) -> Iterator[None]:
        """The programs find the password in a file that only this user reads, for as long as this lasts."""
        with tempfile.NamedTemporaryFile("w", prefix="pgpass-") as file:
            escaped = self.password.replace("\\", "\\\\").replace(":", "\\:")
            file.write(f"*:*:*:*:{escaped}\n")
            file.flush()
            os.environ["PGPASSFILE"] = file.name
            try:
                yield
            finally:
                del os.environ["PGPASSFILE"]


def backup_server() -> Server:
    """The server as the login that reads everything sees it."""
    return Server(
        settings.address("POSTGRES_ADDRESS"), settings.name("POSTGRES_LOGIN"), settings.secret(BACKUP_PASSWORD)
    )


def superuser_server() -> Server:
    """The server as its superuser sees it."""
    return Server(settings.address("POSTGRES_ADDRESS"), "postgres", settings.secret(SUPERUSER_PASSWORD))


def job(request: Request, result: Result) -> None:
    """Store a dump of the database; it counts when it was read back and the facts of the same moment are beside it."""
    server, database = backup_server(), settings.name("POSTGRES_DATABASE")
    part = manifest.begin("postgres", request, result)
    with repository.alone() as kept, server.password_file(), server.session(database) as session:
        snapshot, taken = begin(session)
        dump = ["pg_dump", "-Fc", "-Z0", f"--snapshot={snapshot}", f"--lock-wait-timeout={DDL_WAIT}"]
        stored = kept.keep_command([*dump, *server.options(database)], DUMP, part.tags("data"))
        result.snapshot, result.bytes = stored.snapshot, stored.bytes
        read_back(kept, stored.snapshot)
        made = manifest.made(part, stored, facts(session), file=DUMP, taken=taken)
        manifest.store(kept, replace(made, roles=roles(session), versions=versions(session)))


def begin(session: Connection[TupleRow]) -> tuple[str, datetime]:
    """Begin a transaction that sees one moment, and return the name by which pg_dump sees it too, and the moment."""
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    row = session.execute("SELECT pg_export_snapshot(), clock_timestamp()").fetchone()
    if row is None:
        raise JobError("PostgreSQL exported no snapshot: look at its log")
    return row[0], row[1]


def read_back(kept: Repository, snapshot: str) -> None:
    """Read the whole dump as a restore does. JobError when it is cut off or not a dump."""
    try:
        kept.feed(snapshot, DUMP, ["pg_restore", "--file=/dev/null"])
    except JobError as failure:
        raise JobError(f"the dump that was just stored is not whole and does not count: {failure}") from None


def facts(session: Connection[TupleRow]) -> Facts:
    """What is in the database, as the transaction of this session sees it."""
    cursor = session.execute(FACTS.read_text().encode())
    while cursor.description is None:
        cursor.nextset()
    return dict(cursor.fetchall())


def versions(session: Connection[TupleRow]) -> Mapping[str, str]:
    """The versions of the server and of the database's extensions."""
    return dict(session.execute(VERSIONS).fetchall())


def roles(session: Connection[TupleRow]) -> str:
    """SQL that makes the roles, without passwords and without rights that a restored copy needs not."""
    rows = session.execute("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres' ORDER BY 1")
    names = [psycopg.sql.Identifier(row[0]).as_string(session) for row in rows]
    return "".join(f"CREATE ROLE {name};\n" for name in names)
