"""An engine behind ssh; the ssh here is a script that serves the socket itself. The real one is in rehearsal/."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stacks.engine_address import OVER_SSH, is_local
from toolchain.command import StepError
from toolchain.engine_socket import ping
from toolchain.ssh_engine import KEY, KNOWN_HOSTS, engine_over_ssh

SSH = """#!{python}
import json, os, pathlib, socket, sys
pathlib.Path("{folder}/ssh.pid").write_text(str(os.getpid()))
here = pathlib.Path(sys.argv[sys.argv.index("-L") + 1].partition(":")[0])
files = {{path.name: [path.read_text(), path.stat().st_mode & 0o777] for path in here.parent.iterdir()}}
pathlib.Path("{folder}/called").write_text(json.dumps([sys.argv[1:], files]))
server = socket.socket(socket.AF_UNIX)
server.bind(str(here))
server.listen()
while True:
    connection, _ = server.accept()
    connection.recv(1000)
    connection.sendall(b"HTTP/1.0 {answer}\\r\\n\\r\\n")
    connection.close()
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def ssh(folder: Path, script: str) -> None:
    (folder / "ssh").write_text(script)
    (folder / "ssh").chmod(0o755)


def answers(folder: Path, answer: str) -> None:
    ssh(folder, SSH.format(python=sys.executable, folder=folder, answer=answer))


def test_an_engine_that_is_reached_otherwise_is_left_as_it_is():
    environment = {"DOCKER_HOST": "tcp://engine:2375"}
    with engine_over_ssh(environment):
        assert environment == {"DOCKER_HOST": "tcp://engine:2375"}


def test_its_socket_is_here_while_it_is_needed_and_counts_as_far_away(path: Path):
    answers(path, "200 OK")
    environment = {"DOCKER_HOST": "ssh://deploy@host:2222"}
    with engine_over_ssh(environment):
        socket = Path(environment["DOCKER_HOST"].removeprefix("unix://"))
        assert socket.is_socket()
        assert environment[OVER_SSH] == "ssh://deploy@host:2222"
        assert not is_local(environment)
    assert not socket.parent.exists()
    assert environment == {"DOCKER_HOST": "ssh://deploy@host:2222"}
    arguments, _ = json.loads((path / "called").read_text())
    assert arguments[-4:] == ["-p", "2222", "--", "deploy@host"]
    assert any(one.endswith("/docker.sock:/var/run/docker.sock") for one in arguments)
    assert "ServerAliveInterval=15" in arguments


def way(environment: dict[str, str]) -> Path:
    return Path(environment["DOCKER_HOST"].removeprefix("unix://"))


def test_an_engine_is_at_the_same_path_every_time_and_for_everybody_since_pulumi_remembers_it(path: Path):
    answers(path, "200 OK")
    seen = set()
    for address in ("ssh://deploy@host", "ssh://ada@host", "ssh://ada@host:22/var/run/docker.sock"):
        environment = {"DOCKER_HOST": address}
        with engine_over_ssh(environment):
            seen.add(way(environment))
    assert len(seen) == 1
    environment = {"DOCKER_HOST": "ssh://ada@another"}
    with engine_over_ssh(environment):
        assert way(environment) not in seen


@pytest.mark.parametrize("first_to_end", [0, 1])
def test_who_is_done_leaves_the_path_to_those_who_are_not(path: Path, first_to_end: int):
    answers(path, "200 OK")
    both: list[dict[str, str]] = [{"DOCKER_HOST": "ssh://ada@host"}, {"DOCKER_HOST": "ssh://ada@host"}]
    entered = [engine_over_ssh(one) for one in both]
    for one in entered:
        one.__enter__()
    engine = way(both[0])
    entered[first_to_end].__exit__(None, None, None)
    assert ping(engine), "the other one still talks to it"
    entered[1 - first_to_end].__exit__(None, None, None)
    assert not engine.parent.exists()


def test_a_path_that_somebody_else_has_made_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch):
    answers(path, "200 OK")
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    with pytest.raises(StepError, match="somebody else's"), engine_over_ssh({"DOCKER_HOST": "ssh://ada@host"}):
        pass


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolchain.engine_socket.PLACES", tmp_path)


@pytest.mark.parametrize(
    ("address", "last"),
    [
        ("ssh://user@[::1]:22", ["-p", "22", "--", "user@::1"]),
        ("ssh://user@[2001:db8::1]", ["--", "user@2001:db8::1"]),
    ],
)
def test_ssh_is_given_an_address_of_ipv6_without_brackets(path: Path, address: str, last: list[str]):
    answers(path, "200 OK")
    with engine_over_ssh({"DOCKER_HOST": address}):
        arguments, _ = json.loads((path / "called").read_text())
    assert arguments[-len(last) :] == last


def test_a_key_is_in_a_file_of_its_owner_and_not_in_what_commands_see(path: Path):
    answers(path, "200 OK")
    environment = {"DOCKER_HOST": "ssh://host/run/engine.sock", KEY: "a key\n", KNOWN_HOSTS: "host ssh-ed25519 AAAA"}
    with engine_over_ssh(environment):
        assert not environment.keys() & {KEY, KNOWN_HOSTS}
        folder = Path(environment["DOCKER_HOST"].removeprefix("unix://")).parent
        assert not (folder / "key").exists()
    assert environment[KEY] == "a key\n"
    arguments, files = json.loads((path / "called").read_text())
    assert files["key"] == ["a key\n", 0o600]
    assert files["known_hosts"] == ["host ssh-ed25519 AAAA\n", 0o600]
    assert arguments[arguments.index("-i") + 1].endswith("/key")


def test_what_ssh_says_is_told(path: Path):
    ssh(path, "#!/bin/sh\necho 'Host key verification failed.' >&2; exit 255\n")
    with pytest.raises(StepError, match=r"at DOCKER_HOST=ssh://host:\n    Host key verification failed"):
        engine_over_ssh({"DOCKER_HOST": "ssh://host"}).__enter__()


def test_a_socket_behind_which_is_no_engine_is_told(path: Path):
    answers(path, "403 Forbidden")
    with pytest.raises(StepError, match="no Docker engine answers"):
        engine_over_ssh({"DOCKER_HOST": "ssh://host"}).__enter__()


def test_a_command_is_run_and_ends_with_its_own_code(path: Path):
    answers(path, "200 OK")
    look = "import os, sys; sys.exit(7 if os.environ['DOCKER_HOST'].startswith('unix:') else 1)"
    command = [sys.executable, "-m", "toolchain.ssh_engine", sys.executable, "-c", look]
    environment = {**os.environ, "DOCKER_HOST": "ssh://host"}
    assert subprocess.run(command, env=environment, check=False).returncode == 7


WAITS = """
import os, pathlib, sys, time
pathlib.Path(sys.argv[1]).write_text(f"{os.getpid()} {os.environ['DOCKER_HOST']}\\n")
time.sleep(60)
"""


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("address", ["ssh://host", "tcp://engine:2375"])
def test_a_signal_ends_the_command_and_ssh_and_leaves_no_file(path: Path, address: str, number: signal.Signals):
    answers(path, "200 OK")
    told = path / "told"
    command = [sys.executable, "-m", "toolchain.ssh_engine", sys.executable, "-c", WAITS, str(told)]
    with subprocess.Popen(command, env={**os.environ, "DOCKER_HOST": address, KEY: "a key"}) as running:
        wait_for(told)
        pid, _, engine = told.read_text().strip().partition(" ")
        running.send_signal(number)
        assert running.wait(20) == 128 + number
    assert not is_there(int(pid))
    if address.startswith("ssh:"):
        assert not Path(engine.removeprefix("unix://")).parent.exists()
        assert not is_there(int((path / "ssh.pid").read_text()))


def wait_for(file: Path) -> None:
    deadline = time.monotonic() + 20
    while not (file.exists() and file.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
