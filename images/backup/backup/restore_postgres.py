"""PostgreSQL's way back: into a new database beside the one that serves, checked, then put into its place."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier, Literal

from backup import exchange, manifest, postgres, repository, restore, results, settings, space
from backup.drill import FOUND_ROWS
from backup.manifest import Facts
from backup.postgres import DUMP, Server
from backup.restore import RECOVER, RECOVERED
from backup.results import Result
from backup.settings import JobError, Request

SWAP_TRIES, SWAP_PAUSE_SECONDS = 20, 0.25
MAINTENANCE = "postgres"
"""The database to be connected to while others are renamed."""
UNFINISHED, UNLIMITED = 0, -1
"""Limits of a database's connections, to which superusers are not held: the first is that of one being restored."""
DISCONNECT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)"


def job(request: Request, result: Result) -> None:
    """Restore a dump into a new database, check it, and give it the old one's name; the old one stays under another."""
    server, database = postgres.superuser_server(), settings.name("POSTGRES_DATABASE")
    new = request.database or usual_name(database)
    if new == database:
        raise settings.SettingsError(
            f"{settings.WORK / 'request.json'}: database: {new} is what serves; name a new one"
        )
    with server.password_file(), dump_of(request, result) as source:
        _make_roles(server, source.roles)
        with new_database(server, new, like=database):
            source.fill(["pg_restore", "--exit-on-error", *server.options(new)])
            with server.session(new) as session:
                # Without statistics the first queries would be planned blindly.
                session.execute("ANALYZE")
                restore.compare(source.facts, postgres.facts(session), result)
            if request.swap:
                before = f"{database}_before_{results.new_id().lower()}"
                put_in_place(server, new, database, before)
                result.report = {"database": database, "before": before}
            else:
                finish(server, new, like=database)
                result.report = {"database": new}


@dataclass(frozen=True)
class Source:
    """A dump that `fill` feeds to a program, the `facts` that it was made with, and SQL that makes its `roles`."""

    fill: Callable[[list[str]], object]
    facts: Facts
    roles: str = ""


@contextmanager
def dump_of(request: Request, result: Result) -> Iterator[Source]:
    """The dump of a backup, or the one of a server that was recovered to a moment."""
    if request.store == RECOVERED:
        with _recovered() as dump:
            rows = (line.partition("\t") for line in dump.with_name(FOUND_ROWS).read_text().splitlines())
            yield Source(partial(_feed, dump), {name: value for name, _, value in rows})
        return
    with repository.alone() as kept:
        head = restore.note(manifest.find(kept, "postgres", request.backup), result)
        # The volumes of a stack lie on one disk: the server's is not mounted here.
        space.need(settings.EXCHANGE, head.bytes * space.TAKES["postgres"], "a restore of postgres")
        expected = manifest.load(kept, head)
        yield Source(partial(kept.feed, head.data, DUMP), expected.facts, expected.roles)


@contextmanager
def _recovered() -> Iterator[Path]:
    dump = settings.EXCHANGE / RECOVERED / "postgres.dump"
    if not dump.exists():
        raise JobError(f"{dump}: not there: let restore-fetch and recover-postgres run first")
    try:
        takes = dump.stat().st_size * space.RECOVERED_TAKES
        space.need(settings.EXCHANGE, takes, "a restore of the recovered postgres")
        yield dump
    finally:
        for used in (RECOVER, RECOVERED):
            exchange.cleared(settings.EXCHANGE / used)


def _feed(dump: Path, command: list[str]) -> None:
    with dump.open("rb") as content:
        done = subprocess.run(command, stdin=content, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise JobError(f"{command[0]}: {' '.join(done.stderr.split())[-300:]}")


def _make_roles(server: Server, roles: str) -> None:
    """Make the roles that the dump speaks of and the server has not, without a right to log in."""
    with server.session(MAINTENANCE) as session:
        for statement in roles.splitlines():
            with suppress(psycopg.errors.DuplicateObject):
                session.execute(statement.encode())


def usual_name(database: str) -> str:
    """What a database is called while it is being restored, unless the request names it."""
    return f"{database}_restored"


@contextmanager
def new_database(server: Server, new: str, like: str) -> Iterator[None]:
    """A new, empty database, dropped again when what is done with it fails; open to nobody but superusers."""
    create = SQL("CREATE DATABASE {} TEMPLATE template0 CONNECTION LIMIT {}")
    with server.session(MAINTENANCE) as session:
        if new == usual_name(like) and _limit(session, new) == UNFINISHED:
            session.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(new)))
        if _limit(session, new) is not None:
            raise JobError(f"database {new} exists already: nothing was changed; drop it or name another")
        session.execute(create.format(Identifier(new), Literal(UNFINISHED)))
    try:
        with server.session(MAINTENANCE) as session:
            _take_over(session, new, like)
        yield
    except BaseException:
        with suppress(JobError), server.session(MAINTENANCE) as session:
            session.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(new)))
        raise


def _take_over(session: Connection[TupleRow], new: str, like: str) -> None:
    """Give a database the owner, the rights and the settings of another, which no dump of its content holds."""
    owner = session.execute("SELECT datdba::regrole::text FROM pg_database WHERE datname = %s", [like]).fetchone()
    if owner is None:
        return
    session.execute(SQL("ALTER DATABASE {} OWNER TO {}").format(Identifier(new), SQL(owner[0])))
    rights = session.execute(
        "SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, privilege_type"
        " FROM pg_database, aclexplode(datacl) WHERE datname = %s",
        [like],
    ).fetchall()
    if rights:
        session.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(Identifier(new)))
    for grantee, right in rights:
        session.execute(SQL("GRANT {} ON DATABASE {} TO {}").format(SQL(right), Identifier(new), SQL(grantee)))
    chosen = session.execute(
        "SELECT split_part(c, '=', 1), substr(c, strpos(c, '=') + 1) FROM pg_db_role_setting s"
        " JOIN pg_database d ON d.oid = s.setdatabase, unnest(setconfig) c WHERE setrole = 0 AND datname = %s",
        [like],
    ).fetchall()
    for name, value in chosen:
        change = SQL("ALTER DATABASE {} SET {} TO {}")
        session.execute(change.format(Identifier(new), Identifier(name), Literal(value)))


def finish(server: Server, new: str, like: str) -> None:
    """Open a restored database to as many as another one."""
    with server.session(MAINTENANCE) as session:
        _open(session, new, _limit(session, like))


def put_in_place(server: Server, new: str, serving: str, before: str) -> None:
    """Let the new database take the serving one's name, and be open to as many, in one transaction."""
    with server.session(MAINTENANCE) as session:
        limit = _limit(session, serving)
        names = [(serving, before)] * (limit is not None) + [(new, serving)]
        for last in [False] * SWAP_TRIES + [True]:
            # Renaming waits some seconds for these to go, and lets nobody in meanwhile.
            session.execute(DISCONNECT, [[old for old, _ in names]])
            try:
                with session.transaction():
                    for old, name in names:
                        session.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(old), Identifier(name)))
                    _open(session, serving, limit)
                return
            except psycopg.errors.ObjectInUse:
                if last:
                    raise
                time.sleep(SWAP_PAUSE_SECONDS)


def _limit(session: Connection[TupleRow], database: str) -> int | None:
    """To how many connections a database is open; None when it is not there."""
    row = session.execute("SELECT datconnlimit FROM pg_database WHERE datname = %s", [database]).fetchone()
    return row[0] if row else None


def _open(session: Connection[TupleRow], database: str, limit: int | None) -> None:
    change = SQL("ALTER DATABASE {} CONNECTION LIMIT {}")
    session.execute(change.format(Identifier(database), Literal(UNLIMITED if limit is None else limit)))
