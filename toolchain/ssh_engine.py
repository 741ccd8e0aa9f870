"""An engine that DOCKER_HOST names by ssh://: ssh brings its socket to this machine, for those who speak no ssh.

The docker command and the official plugin do, the Docker SDK and the built-in provider do not. All connections are
channels of one ssh: a `docker system dial-stdio` for each, as the docker command has it, takes some tenths of a second.
"""

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from types import FrameType

from stacks.engine_address import OVER_SSH
from toolchain.command import StepError
from toolchain.engine_socket import brought_here
from toolchain.ssh_tunnel import KEY, KNOWN_HOSTS, Tunnel

ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def engine_over_ssh(environment: MutableMapping[str, str]) -> Iterator[None]:
    """While it is entered, DOCKER_HOST is a socket that leads where its ssh:// led; any other is left as it is.

    Raises StepError when nobody answers there, or not the one who is expected.
    """
    address = environment.get("DOCKER_HOST", "")
    if not address.startswith("ssh://"):
        yield
        return
    before = dict(environment)
    tunnel = Tunnel(address, environment.pop(KEY, ""), environment.pop(KNOWN_HOSTS, ""))  # what runs need not see them
    try:
        with _ended_in_order(), brought_here(tunnel) as engine:
            environment.update({"DOCKER_HOST": f"unix://{engine}", OVER_SSH: address})
            yield
    finally:
        environment.clear()
        environment.update(before)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """While it is entered, the first of ENDING is a SystemExit, so that nothing stays; later ones go nowhere.

    What somebody else handles, or ignores as `nohup` does, is left to them.
    """
    mine = [number for number in ENDING if signal.getsignal(number) is signal.SIG_DFL]

    def end(number: int, _: FrameType | None) -> None:
        for one in mine:
            signal.signal(one, lambda *_: None)
        sys.exit(128 + number)  # as a shell counts it

    try:
        for number in mine:
            signal.signal(number, end)
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_DFL)


def main() -> int:
    """Run a command whose DOCKER_HOST may be ssh://, and end as it does."""
    parser = argparse.ArgumentParser(prog="python -m toolchain.ssh_engine", description=__doc__)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    command = parser.parse_args().command
    try:
        with _ended_in_order(), engine_over_ssh(os.environ), subprocess.Popen(command) as running:  # noqa: S603
            # Ctrl-C reaches the command by itself; this process stays until that has ended.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            try:
                return running.wait()
            finally:
                running.terminate()  # pulumi takes it for Ctrl-C; one that has ended is left alone
    except StepError as failure:
        sys.stderr.write(f"error: {failure}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
