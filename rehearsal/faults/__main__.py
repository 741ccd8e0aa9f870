"""`python -m rehearsal.faults`: let each fault happen, and print who was told of it within how many seconds."""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rehearsal.faults.faults import FAULTS, Fault
from rehearsal.faults.stand import Message, Stand, seconds_until, stand
from toolchain.report import say

WAYS = ("slack", "mail")
QUIET_SECONDS = 20
HEAD = "| fault | alert | fires after | Slack | e-mail | over after | Slack | e-mail |\n|---|---|" + "---:|" * 6


def row(where: Stand, fault: Fault) -> str:
    """One fault from the healthy stack to the healthy stack. Raises AssertionError when somebody is not told."""
    seconds_until(lambda: not where.fires(fault.alert), f"{fault.alert} to be silent at first")
    place = len(where.sink.logs().splitlines())

    def arrived(way: str, state: str) -> Callable[[], bool]:
        return lambda: Message(way, state, fault.alert) in where.told(place)

    figures = []
    with fault.happens(where):
        begun = time.monotonic()
        seconds_until(lambda: where.fires(fault.alert), f"{fault.alert} to fire")
        figures.append(time.monotonic() - begun)
        for way in WAYS:
            seconds_until(arrived(way, "FIRING"), f"{fault.alert} to arrive by {way}")
            figures.append(time.monotonic() - begun)
    begun = time.monotonic()
    seconds_until(lambda: not where.fires(fault.alert), f"{fault.alert} to be over")
    figures.append(time.monotonic() - begun)
    for way in WAYS:
        seconds_until(arrived(way, "RESOLVED"), f"the end of {fault.alert} to arrive by {way}")
        figures.append(time.monotonic() - begun)
    return f"| {fault.what} | {fault.alert} | {' | '.join(f'{figure:.0f} s' for figure in figures)} |"


def main() -> int:
    """Run as asked; 1 when a fault was not told of."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.faults", description=__doc__)
    parser.add_argument("--only", default="", help="only the faults whose alert matches this regular expression")
    chosen = parser.parse_args()
    missed = 0
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, stand(Path(folder)) as where:
        say(HEAD)
        for fault in (one for one in FAULTS if re.search(chosen.only, one.alert)):
            time.sleep(QUIET_SECONDS)
            try:
                say(row(where, fault))
            except AssertionError as error:
                missed += 1
                say(f"| {fault.what} | {fault.alert} | MISSED: {error} |")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
