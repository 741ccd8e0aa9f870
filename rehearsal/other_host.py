"""Another host on this machine: a network namespace with an address, a Docker engine and an sshd of its own."""

import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rehearsal.mounts import unmount_below

SSHD = "/usr/sbin/sshd"
START_SECONDS = 60
OWN_RUN = ["unshare", "--mount", "sh", "-ec", 'mount -t tmpfs run /run; exec "$@"', "engine"]
"""Containers that mount /run/docker.sock get the socket of this host's engine, not of the machine's."""
CONFIGURATION = """\
ListenAddress {address}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
AuthenticationMethods publickey
UsePAM no
PidFile none
"""


@dataclass(frozen=True)
class OtherHost:
    """Its address, the socket of its engine, and what a client needs to be let in and to know whom it talks to."""

    address: str
    socket: Path
    key: str
    known_hosts: str

    @property
    def engine(self) -> str:
        """The engine's address for who comes by ssh."""
        return f"ssh://root@{self.address}{self.socket}"

    def docker(self, *arguments: str) -> str:
        """What a docker command says there, past ssh."""
        command = ["docker", "--host", f"unix://{self.socket}", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def carry(self, *images: str) -> None:
        """Bring images of this machine's engine there."""
        with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as saved:
            subprocess.run(["docker", "--host", f"unix://{self.socket}", "load", "-q"], stdin=saved.stdout, check=True)
        assert saved.returncode == 0


@contextmanager
def other_host(folder: Path) -> Iterator[OtherHost]:
    """The host while it is there; nothing is left of it."""
    number = secrets.randbelow(250)
    name, address = f"host-{number}", f"10.213.{number}.2"
    inside = ["nsenter", f"--net=/run/netns/{name}"]  # not `ip netns exec`, which hides the cgroups
    with ExitStack() as gone:
        gone.callback(shutil.rmtree, folder, ignore_errors=True)
        gone.callback(unmount_below, folder)
        _link(gone, name, address)
        socket = folder / "docker.sock"
        _keep_running(gone, folder / "dockerd.log", [*inside, *OWN_RUN, *_engine(folder, socket)])
        _wait_for(socket)
        key, host_key = _keys(folder)
        (folder / "sshd_config").write_text(CONFIGURATION.format(address=address, folder=folder))
        Path("/run/sshd").mkdir(exist_ok=True)
        _keep_running(gone, folder / "sshd.log", [*inside, SSHD, "-D", "-e", "-f", str(folder / "sshd_config")])
        host = OtherHost(address, socket, key, f"{address} {host_key}")
        gone.callback(_empty, host)
        yield host


def _link(gone: ExitStack, name: str, address: str) -> None:
    here, there, gateway = f"{name}-a", f"{name}-b", f"{address[:-1]}1"
    _run(f"ip netns add {name}")
    gone.callback(_run, f"ip netns delete {name}")  # and with it the link
    _run(f"ip link add {here} type veth peer name {there} netns {name}")
    _run(f"ip address add {gateway}/24 dev {here}")
    _run(f"ip link set {here} up")
    _run(f"ip -n {name} address add {address}/24 dev {there}")
    for device in ("lo", there):
        _run(f"ip -n {name} link set {device} up")
    _run(f"ip -n {name} route add default via {gateway}")


def _engine(folder: Path, socket: Path) -> list[str]:
    places = ["--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")]
    hosts = ["--host", f"unix://{socket}", "--host", "unix:///run/docker.sock"]
    return ["dockerd", *places, "--pidfile", str(folder / "dockerd.pid"), *hosts]


def _keys(folder: Path) -> tuple[str, str]:
    """A client's key, which may do nothing but reach sockets, and the host's public one."""
    for name in ("client_key", "host_key"):
        _run(f"ssh-keygen -q -t ed25519 -N '' -f {folder / name}")
    public = (folder / "client_key.pub").read_text()
    (folder / "authorized_keys").write_text(f'restrict,port-forwarding,command="/bin/false" {public}')
    return (folder / "client_key").read_text(), (folder / "host_key.pub").read_text()


def _keep_running(gone: ExitStack, log_file: Path, command: list[str]) -> None:
    log = gone.enter_context(log_file.open("wb"))
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    gone.callback(process.wait, timeout=START_SECONDS)
    gone.callback(process.terminate)


def _wait_for(socket: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    asked = ["docker", "--host", f"unix://{socket}", "version"]
    while subprocess.run(asked, capture_output=True, check=False).returncode != 0:
        assert time.monotonic() < deadline, f"the engine does not start: {socket.with_name('dockerd.log').read_text()}"
        time.sleep(0.2)


def _empty(host: OtherHost) -> None:
    if containers := host.docker("ps", "-aq").split():
        host.docker("rm", "--force", "--volumes", *containers)


def _run(command: str) -> None:
    subprocess.run(command, shell=True, check=True)
