"""A restored database takes over in one transaction; one whose restore was killed is in nobody's way."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from backup import restore_postgres
from backup.settings import JobError

UNLIMITED = -1


class Answer(list[tuple[Any, ...]]):
    def fetchone(self) -> tuple[Any, ...] | None:
        return next(iter(self), None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self


class Server:
    """As much of PostgreSQL as databases have names and limits of connections; fails where it is told to."""

    def __init__(self, **limits: int) -> None:
        self.limits = limits
        self.busy: list[int] = []
        """So many connections each time that one wants to rename."""
        self.fails = ""
        self.done: list[str] = []

    @contextmanager
    def session(self, _database: str) -> Iterator["Server"]:
        try:
            yield self
        except psycopg.Error as error:
            raise JobError(str(error)) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = dict(self.limits)
        try:
            yield
        except BaseException:
            self.limits = before
            raise

    def execute(self, query: Any, parameters: Sequence[Any] = ()) -> Answer:
        text = query if isinstance(query, str) else query.as_string(None)
        self.done.append(text)
        if self.fails and re.search(self.fails, text):
            raise KeyboardInterrupt
        if "FROM pg_database" in text and "datconnlimit" in text:
            return Answer([(self.limits[name],) for name in parameters if name in self.limits])
        if made := re.match(r'CREATE DATABASE "(\w+)" TEMPLATE template0 CONNECTION LIMIT (\d+)', text):
            self.limits[made[1]] = int(made[2])
        elif dropped := re.match(r'DROP DATABASE (?:IF EXISTS )?"(\w+)"', text):
            self.limits.pop(dropped[1], None)
        elif renamed := re.match(r'ALTER DATABASE "(\w+)" RENAME TO "(\w+)"', text):
            if self.busy and self.busy.pop(0):
                raise psycopg.errors.ObjectInUse(f"database {renamed[1]} is being accessed by other users")
            assert renamed[2] not in self.limits
            self.limits[renamed[2]] = self.limits.pop(renamed[1])
        elif limited := re.match(r'ALTER DATABASE "(\w+)" CONNECTION LIMIT +(-?\d+)', text):
            self.limits[limited[1]] = int(limited[2])
        return Answer()


def restored(
    server: Any, *, new: str = "app_restored", swap: bool = True, fill: Callable[[], None] = lambda: None
) -> None:
    with restore_postgres.new_database(server, new, like="app"):
        fill()
        if swap:
            restore_postgres.put_in_place(server, new, "app", "app_before")
        else:
            restore_postgres.finish(server, new, like="app")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore_postgres, "SWAP_PAUSE_SECONDS", 0)


def test_until_it_is_in_its_place_nobody_but_a_superuser_gets_into_it() -> None:
    server, seen = Server(app=50), []
    restored(server, fill=lambda: seen.append(dict(server.limits)))
    assert seen == [{"app": 50, "app_restored": 0}]
    assert server.limits == {"app": 50, "app_before": 50}


def test_nothing_that_serves_is_closed_to_its_users() -> None:
    server = Server(app=UNLIMITED)
    restored(server)
    assert not [line for line in server.done if "ALLOW_CONNECTIONS" in line]


def test_who_comes_back_too_soon_is_sent_away_again() -> None:
    server = Server(app=UNLIMITED)
    server.busy = [0, 1, 1, 0, 0]
    restored(server)
    assert server.limits == {"app": UNLIMITED, "app_before": UNLIMITED}
    assert len([line for line in server.done if "pg_terminate_backend" in line]) == 3


def test_one_that_does_not_go_leaves_everything_as_it_was() -> None:
    server = Server(app=UNLIMITED)
    server.busy = [0, 1] * 100
    with pytest.raises(JobError, match="is being accessed"):
        restored(server)
    assert server.limits == {"app": UNLIMITED}


@pytest.mark.parametrize("step", ['"app" RENAME', '"app_restored" RENAME', "CONNECTION LIMIT +-1"])
def test_killed_at_any_step_of_the_swap_what_served_serves_and_the_next_run_does_it(step: str) -> None:
    server = Server(app=UNLIMITED)
    # As after a SIGKILL: what would be tidied up is not.
    server.fails = f"{step}|DROP"
    with pytest.raises(KeyboardInterrupt):
        restored(server)
    assert server.limits == {"app": UNLIMITED, "app_restored": 0}
    server.fails = ""
    restored(server)
    assert server.limits == {"app": UNLIMITED, "app_before": UNLIMITED}


def test_one_under_another_name_or_one_that_was_finished_is_not_dropped() -> None:
    for server, new in ((Server(app=1, aside=0), "aside"), (Server(app=1, app_restored=UNLIMITED), "app_restored")):
        before = dict(server.limits)
        with pytest.raises(JobError, match="exists already: nothing was changed"):
            restored(server, new=new)
        assert server.limits == before


def test_one_that_stays_beside_is_open_as_the_one_that_serves_is() -> None:
    server = Server(app=50)
    restored(server, swap=False)
    assert server.limits == {"app": 50, "app_restored": 50}


def test_where_none_serves_it_is_given_the_name_alone() -> None:
    server = Server()
    restored(server)
    assert server.limits == {"app": UNLIMITED}
