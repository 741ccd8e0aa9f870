"""A machine that is not there: its home, its PATH and its download server are folders and a thread of the test."""

import os
import platform
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from toolchain import engine_socket
from toolchain import machine as real_machine
from toolchain.tests.far_engine import FarEngine, is_there

TOOLS = ("sh", "cat", "mkdir", "chmod", "rm", "touch", "tail", "dirname", "cksum", "grep", "date", "id", "env")


@dataclass(frozen=True)
class Machine:
    """Folders of one test; programs put on its PATH write down how they were called."""

    root: Path

    @property
    def bin(self) -> Path:
        """The only folder on PATH."""
        return self.root / "bin"

    @property
    def cache(self) -> Path:
        """Where the toolchain keeps its builds."""
        return self.root / "home" / ".cache" / "market-research"

    @property
    def environment(self) -> Path:
        """What stands for .venv."""
        return self.root / ".venv"

    def program(self, name: str, script: str = "exit 0", folder: Path | None = None) -> Path:
        """Put a program there that notes its call and then does what the shell script says."""
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>{self.root}/calls\n{script}\n')
        path.chmod(0o755)
        return path

    def real(self, name: str, tool: str) -> None:
        """Put a real tool there: by a script, since writing to a link would overwrite the tool itself."""
        path = self.bin / name
        path.write_text(f'#!/bin/sh\nexec {tool} "$@"\n')
        path.chmod(0o755)

    def calls(self, name: str) -> list[str]:
        """Return how a program was called, in order."""
        log = self.root / "calls"
        return [line for line in log.read_text().splitlines() if line.split()[0] == name] if log.exists() else []

    def go(self, build: str = 'echo built >"$output"') -> None:
        """Put a Go compiler there, new enough for everything."""
        self.program(
            "go",
            'case "$1" in\n'
            "env) echo go1.99.0 ;;\n"
            f'mod) echo \'{{"Dir": "{self.root}/sdk"}}\' ;;\n'
            f'build) while [ "$1" != -o ]; do shift; done; output=$2; {build} ;;\nesac',
        )
        executor = self.root / "sdk" / "python" / "cmd" / "pulumi-language-python-exec"
        executor.parent.mkdir(parents=True, exist_ok=True)
        executor.write_text("the executor\n")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """An empty machine whose user is not root."""
    made = Machine(tmp_path)
    made.bin.mkdir()
    (made.environment / "bin").mkdir(parents=True)
    for tool in TOOLS:
        made.real(tool, str(shutil.which(tool)))
    for name in [name for name in os.environ if name.startswith(("PULUMI_", "DOCKER_", "GO"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(made.bin))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi-home"))
    monkeypatch.setattr(sys, "prefix", str(made.environment))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return made


@pytest.fixture
def debian_root(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The same machine as root on Debian, with apt."""
    real_machine._refresh_package_lists.cache_clear()  # noqa: SLF001 - it lives as long as the process
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "ubuntu", "ID_LIKE": "debian"})
    machine.program("apt-get")
    machine.program("apt-cache", 'echo "Candidate: (none)"')
    return machine


@dataclass
class DownloadServer:
    """Stands in for the official download server; `requests` are the paths that were asked for."""

    address: str
    status: int = 200
    body: str = "#!/bin/sh\nexit 0\n"
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def server(machine: Machine) -> Iterator[DownloadServer]:
    """A download server on this machine, asked with the real curl."""
    curl = shutil.which("curl", path=os.defpath + ":/usr/local/bin:/usr/bin")
    if curl is None:
        pytest.skip("curl is not installed here")
    machine.real("curl", curl)
    stand_in = DownloadServer("")

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stand_in.requests.append(self.path)
            self.send_response(stand_in.status)
            self.end_headers()
            self.wfile.write(stand_in.body.encode())

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as listening:
        stand_in.address = f"http://127.0.0.1:{listening.server_port}"
        thread = threading.Thread(target=listening.serve_forever, args=[0.01])
        thread.start()
        yield stand_in
        listening.shutdown()
        thread.join()


@pytest.fixture
def unreachable(server: DownloadServer) -> str:
    """The address of a server that is not there (port 1 is never listened on), with curl to find out."""
    return "http://127.0.0.1:1"


def quiet(_: str) -> None:
    """Take what a step says."""


@pytest.fixture
def far_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FarEngine]:
    """One that answers; the name of its place is short, as the path of a socket has to be."""
    with tempfile.TemporaryDirectory() as places:
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setattr(engine_socket, "PLACES", Path(places))
        far_engine = FarEngine(tmp_path, Path(places))
        far_engine.answers("200 OK")
        yield far_engine
        for pid in filter(is_there, far_engine.tunnels()):
            os.kill(pid, signal.SIGKILL)
