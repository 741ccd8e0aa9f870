"""`python -m bench.deploys`: deploy the same stack with pulumi and with docker compose, and compare."""

import argparse
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import docker

from bench.deploys.blueprint import Blueprint
from bench.deploys.compose import Compose
from bench.deploys.ours import Ours
from bench.deploys.report import Report
from bench.deploys.side import SideError, succeeded
from bench.deploys.trial import Findings, Trial
from bench.environment import LoadEnvironment
from toolchain.__main__ import take
from toolchain.command import Command, StepError
from toolchain.report import say

MOST_ROUNDS = 10


@contextmanager
def sides(program: Path, folder: Path) -> Iterator[tuple[Ours, Compose]]:
    """Both sides with their images built and nothing running; nothing of them is left afterwards."""
    with ExitStack() as at_the_end:
        mark = secrets.token_hex(3)
        ours = Ours(folder / "pulumi", f"bench-{mark}")
        at_the_end.callback(ours.clean)
        say("bringing up the stack once, to build what is not built and to see what it consists of ...")
        succeeded(ours, ours.up())
        compose = Compose(program, folder / "compose", f"bench-{mark}", Blueprint.of(ours.project))
        at_the_end.callback(compose.clean)
        succeeded(compose, compose.build())
        succeeded(ours, ours.down())
        ours.forget()
        yield ours, compose


def compared(program: Path, folder: Path, rounds: int) -> Report:
    """Let both sides take turns. Raises SideError when one of them cannot go on."""
    found = {side: Findings({}) for side in (Ours, Compose)}
    where = setting(program)
    with sides(program, folder) as both:
        for number in range(1, rounds + 1):
            say(f"round {number} of {rounds}")
            for side in both if number % 2 else reversed(both):
                Trial(side, found[type(side)], say).run(broken=number == rounds)
    return Report(found[Ours], found[Compose], where)


def setting(program: Path) -> str:
    """What is compared, and on what machine: how busy it was before, too."""
    pulumi = Command(["pulumi", "version"], advice="Type `make up` once.").run().lstrip("v")
    compose = Command([program, "version", "--short"], advice="Remove its environment, and try again.").run()
    return f"pulumi {pulumi}, docker compose {compose}, {machine()}"


def machine() -> str:
    """The engine's version and cores, and how many processes wanted one of them in the last minute."""
    info = docker.from_env().info()
    return f"engine {info['ServerVersion']}, {info['NCPU']} cores, load {os.getloadavg()[0]:.1f} before"


def main() -> int:
    """Run as asked, print the report."""
    parser = argparse.ArgumentParser(prog="python -m bench.deploys", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each side goes through it all (default: 3)")
    parser.add_argument("--report", type=Path, help="a file for the report, too")
    chosen = parser.parse_args()
    if not 0 < chosen.rounds <= MOST_ROUNDS:
        parser.error(f"at least one round and at most {MOST_ROUNDS}")
    # A shell's background job ignores it, and so would Pulumi's plugins: every deploy would wait five seconds for them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    environment = LoadEnvironment()
    try:
        take([environment])
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            report = compared(environment.program("docker-compose"), Path(folder), chosen.rounds)
    except (StepError, SideError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(f"\n{report.markdown()}")
    if chosen.report:
        chosen.report.write_text(report.markdown())
    return 0


if __name__ == "__main__":
    sys.exit(main())
