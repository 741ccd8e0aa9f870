"""`python -m bench`: let a crowd use a running stack on this machine, and report what the stack carried."""

import argparse
import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from bench.environment import LoadEnvironment
from bench.gauge import gauges
from bench.incidents import incidents
from bench.plan import MOST_SECONDS, MOST_USERS, Plan, Step, read
from bench.report import Report
from bench.statements import statements
from smoke_tests.deployment import Deployment
from smoke_tests.person import one_time_link
from smoke_tests.stack import NotUpError
from toolchain.__main__ import take
from toolchain.command import StepError
from toolchain.machine import checkout


class LoadError(Exception):
    """There is nothing to report; the message says why."""


def run(deployment: Deployment, chosen: argparse.Namespace) -> Report:
    """Watch the stack while the crowd uses it."""
    plan = Plan(deployment.outputs.url, one_time_link(deployment), chosen.users, chosen.seconds, chosen.ramp)
    promised = deployment.outputs.services
    containers = {name: deployment.container(name) for name in promised}
    with ExitStack() as watching:
        found = watching.enter_context(incidents(deployment.engine, containers))
        ran = watching.enter_context(statements(containers["postgres"], promised["postgres"].login))
        readings = watching.enter_context(gauges(containers, promised))
        steps = crowd(plan)
    return Report(steps, ran, readings, found.counts, cores=deployment.engine.info()["NCPU"])


def crowd(plan: Plan) -> list[Step]:
    """Let the load generator carry out the plan. Raises LoadError when it does not get to its end."""
    command: list[str | Path] = [LoadEnvironment().python, "-m", "bench.load"]
    told = json.dumps(asdict(plan))
    done = subprocess.run(command, cwd=checkout(), input=told, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise LoadError(f"the load generator ended with {done.returncode}: its last lines are above")
    return read(done.stdout)


def found_here(stack: str) -> Deployment:
    """The stack, if its address is this machine's own. Raises LoadError otherwise."""
    deployment = Deployment.find(stack)
    host = urlsplit(deployment.outputs.url).hostname
    if not (host and ip_address(host).is_loopback):
        raise LoadError(f"stack {stack} is at {host}: load is only put on a stack at 127.0.0.1 of this machine")
    return deployment


def main() -> int:
    """Run as asked, print the report, and return 1 when something was found that must not be."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--stack", default="dev", help="the stack to use (default: dev)")
    parser.add_argument("--users", type=int, default=20, help="how many come first (default: 20)")
    parser.add_argument("--seconds", type=float, default=60, help="how long each crowd is measured (default: 60)")
    parser.add_argument("--ramp", action="store_true", help="let half as many again come until it gets slow or fails")
    parser.add_argument("--report", type=Path, help="a file for the report, too")
    chosen = parser.parse_args()
    if not (0 < chosen.users <= MOST_USERS and 0 < chosen.seconds <= MOST_SECONDS):
        parser.error(f"at most {MOST_USERS} users and {MOST_SECONDS} seconds")
    try:
        deployment = found_here(chosen.stack)
        take([LoadEnvironment()])
        report = run(deployment, chosen)
    except (NotUpError, StepError, LoadError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write(f"\n{report.markdown()}")
    if chosen.report:
        chosen.report.write_text(report.markdown())
    return 1 if report.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
