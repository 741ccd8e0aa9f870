"""Whether WAL is being received, as a container sees its own connections."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from backup.receiver import receives


@pytest.fixture
def connected() -> Iterator[int]:
    """A port that something is connected to."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
    ):
        yield server.getsockname()[1]


def test_it_is_connected_and_writes(connected: int, tmp_path: Path) -> None:
    (tmp_path / "000000010000000000000001.partial").touch()
    assert receives(connected, tmp_path)


def test_one_that_has_written_nothing_yet_does_not_receive(connected: int, tmp_path: Path) -> None:
    (tmp_path / "000000010000000000000001").touch()
    assert not receives(connected, tmp_path)


def test_one_that_lost_its_server_does_not_receive(connected: int, tmp_path: Path) -> None:
    (tmp_path / "000000010000000000000001.partial").touch()
    assert not receives(connected + 1, tmp_path)
