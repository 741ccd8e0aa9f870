"""One ssh for all who talk to an engine elsewhere, at one path."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from toolchain.command import StepError
from toolchain.engine_socket import ping
from toolchain.ssh_engine import engine_over_ssh
from toolchain.tests.far_engine import FarEngine, is_gone

COMES_AND_GOES = """
import pathlib, sys
from toolchain import engine_socket
from toolchain.ssh_engine import engine_over_ssh
engine_socket.PLACES = pathlib.Path(sys.argv[1])
for _ in range(10):
    environment = {"DOCKER_HOST": "ssh://host"}
    with engine_over_ssh(environment):
        assert engine_socket.ping(pathlib.Path(environment["DOCKER_HOST"].removeprefix("unix://")))
"""


@contextmanager
def entered(address: str = "ssh://ada@host") -> Iterator[Path]:
    environment = {"DOCKER_HOST": address}
    with engine_over_ssh(environment):
        yield Path(environment["DOCKER_HOST"].removeprefix("unix://"))


@contextmanager
def connection(engine: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as opened:
        opened.settimeout(20)
        opened.connect(str(engine))
        assert goes_on(opened)
        yield opened


def goes_on(opened: socket.socket) -> bool:
    opened.sendall(b"a layer")
    return opened.recv(100) == b"a layer"


def test_an_engine_is_at_the_same_path_every_time_and_for_everybody_since_pulumi_remembers_it(far_engine: FarEngine):
    seen = set()
    for address in ("ssh://deploy@host", "ssh://ada@host", "ssh://ada@host:22/var/run/docker.sock"):
        with entered(address) as engine:
            seen.add(engine)
    assert len(seen) == 1
    with entered("ssh://ada@another") as engine:
        assert engine not in seen


@pytest.mark.parametrize("first_to_leave", [0, 1])
def test_a_connection_outlives_whoever_leaves_first(far_engine: FarEngine, first_to_leave: int):
    with ExitStack() as all_of_it:
        both = [ExitStack(), ExitStack()]
        engine, _ = [all_of_it.enter_context(one).enter_context(entered()) for one in both]
        opened = all_of_it.enter_context(connection(engine))
        both[first_to_leave].close()
        assert goes_on(opened), "the other one still talks to it"
        both[1 - first_to_leave].close()
        assert not engine.exists()
        assert all(map(is_gone, far_engine.tunnels()))


def test_who_leaves_last_waits_for_ssh_which_would_take_away_what_the_next_one_has(far_engine: FarEngine):
    with entered():
        pass
    assert (far_engine.folder / "ended").exists()


def test_a_connection_outlives_the_one_who_started_ssh_and_was_killed(far_engine: FarEngine):
    with ExitStack() as starter, ExitStack() as other:
        starter.enter_context(far_engine.waiting())
        engine = other.enter_context(entered())
        opened = other.enter_context(connection(engine))
        starter.close()
        with entered():
            assert goes_on(opened)
        assert goes_on(opened)
    assert all(map(is_gone, far_engine.tunnels()))


def test_what_one_left_who_was_killed_alone_is_ended_by_the_next(far_engine: FarEngine):
    with far_engine.waiting():
        pass
    [left] = far_engine.tunnels()
    with entered() as engine, connection(engine):
        assert is_gone(left)
    assert all(map(is_gone, far_engine.tunnels()))


def test_an_ssh_that_is_no_more_is_started_again_by_the_next_for_everybody(far_engine: FarEngine):
    with entered() as engine:
        [lost] = far_engine.tunnels()
        os.kill(lost, signal.SIGKILL)
        while ping(engine) is not None:  # a thread of it may outlive it for a moment
            pass
        with entered(), connection(engine):
            pass
        with connection(engine):
            pass
    assert all(map(is_gone, far_engine.tunnels()))


def test_one_whom_nobody_answers_any_more_is_refused_and_disturbs_nobody(far_engine: FarEngine):
    with entered() as engine, connection(engine) as opened:
        far_engine.answers("500 Internal Server Error")
        with pytest.raises(StepError, match="or a hanging one"), entered():
            pass
        assert goes_on(opened)


def test_many_come_and_go_at_once(far_engine: FarEngine):
    words = [sys.executable, "-c", COMES_AND_GOES, str(far_engine.places)]
    crowd = [Popen(words, stderr=PIPE, text=True) for _ in range(5)]
    assert [one.communicate(timeout=120)[1] for one in crowd] == [""] * len(crowd)
    assert [one.returncode for one in crowd] == [0] * len(crowd)
    assert all(map(is_gone, far_engine.tunnels()))
    assert not list(far_engine.places.glob("*/*.sock"))


def test_a_path_that_somebody_else_has_made_is_refused(far_engine: FarEngine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    with pytest.raises(StepError, match="somebody else's"), entered():
        pass


def test_nobody_listens_where_there_is_no_socket(tmp_path: Path):
    assert ping(tmp_path / "none") is None
