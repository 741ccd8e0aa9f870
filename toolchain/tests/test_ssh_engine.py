"""An engine behind ssh, as commands see it."""

import json
import signal
from pathlib import Path

import pytest

from stacks.engine_address import OVER_SSH, is_local
from toolchain.command import StepError
from toolchain.ssh_engine import engine_over_ssh
from toolchain.ssh_tunnel import KEY, KNOWN_HOSTS
from toolchain.tests.far_engine import FarEngine, is_gone


def test_an_engine_that_is_reached_otherwise_is_left_as_it_is():
    environment = {"DOCKER_HOST": "tcp://engine:2375"}
    with engine_over_ssh(environment):
        assert environment == {"DOCKER_HOST": "tcp://engine:2375"}


def test_its_socket_is_here_while_it_is_needed_and_counts_as_far_away(far_engine: FarEngine):
    environment = {"DOCKER_HOST": "ssh://deploy@host:2222"}
    with engine_over_ssh(environment):
        socket = Path(environment["DOCKER_HOST"].removeprefix("unix://"))
        assert socket.is_socket()
        assert environment[OVER_SSH] == "ssh://deploy@host:2222"
        assert not is_local(environment)
    assert not socket.exists()
    assert environment == {"DOCKER_HOST": "ssh://deploy@host:2222"}
    arguments, _ = json.loads((far_engine.folder / "called").read_text())
    assert arguments[-4:] == ["-p", "2222", "--", "deploy@host"]
    assert any(one.endswith("/docker.sock:/var/run/docker.sock") for one in arguments)
    assert "ServerAliveInterval=15" in arguments


@pytest.mark.parametrize(
    ("address", "last"),
    [
        ("ssh://user@[::1]:22", ["-p", "22", "--", "user@::1"]),
        ("ssh://user@[2001:db8::1]", ["--", "user@2001:db8::1"]),
    ],
)
def test_ssh_is_given_an_address_of_ipv6_without_brackets(far_engine: FarEngine, address: str, last: list[str]):
    with engine_over_ssh({"DOCKER_HOST": address}):
        arguments, _ = json.loads((far_engine.folder / "called").read_text())
    assert arguments[-len(last) :] == last


def test_a_key_is_in_a_file_of_its_owner_and_not_in_what_commands_see(far_engine: FarEngine):
    environment = {"DOCKER_HOST": "ssh://host/run/engine.sock", KEY: "a key\n", KNOWN_HOSTS: "host ssh-ed25519 AAAA"}
    with engine_over_ssh(environment):
        assert not environment.keys() & {KEY, KNOWN_HOSTS}
        arguments, files = json.loads((far_engine.folder / "called").read_text())
        assert not Path(arguments[arguments.index("-i") + 1]).exists()
    assert environment[KEY] == "a key\n"
    assert files["key"] == ["a key\n", 0o600]
    assert files["known_hosts"] == ["host ssh-ed25519 AAAA\n", 0o600]


def test_what_ssh_says_is_told(far_engine: FarEngine):
    far_engine.ssh("echo 'Host key verification failed.' >&2; exit 255")
    with pytest.raises(StepError, match=r"at DOCKER_HOST=ssh://host:\n    Host key verification failed"):
        engine_over_ssh({"DOCKER_HOST": "ssh://host"}).__enter__()


def test_a_socket_behind_which_is_no_engine_is_told(far_engine: FarEngine):
    far_engine.answers("403 Forbidden")
    with pytest.raises(StepError, match="behind it no engine"):
        engine_over_ssh({"DOCKER_HOST": "ssh://host"}).__enter__()
    [started] = far_engine.tunnels()
    assert is_gone(started)


def test_a_command_is_run_and_ends_with_its_own_code(far_engine: FarEngine):
    look = "import os, sys; sys.exit(7 if os.environ['DOCKER_HOST'].startswith('unix:') else 1)"
    with far_engine.command(look) as running:
        assert running.wait(20) == 7


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("address", ["ssh://host", "tcp://engine:2375"])
def test_a_signal_ends_the_command_and_ssh_and_leaves_no_file(
    far_engine: FarEngine, monkeypatch: pytest.MonkeyPatch, address: str, number: signal.Signals
):
    monkeypatch.setenv(KEY, "a key")
    with far_engine.waiting(address) as (running, pid):
        running.send_signal(number)
        assert running.wait(20) == 128 + number
    assert is_gone(pid)
    assert all(map(is_gone, far_engine.tunnels()))
    assert not list(far_engine.places.glob("*/*.sock"))
