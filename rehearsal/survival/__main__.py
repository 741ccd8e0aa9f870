"""`python -m rehearsal.survival`: let each fault happen, and print what people saw and what it took to recover."""

import argparse
import re
import sys
import tempfile
from functools import partial
from pathlib import Path

from rehearsal.survival.faults import FAULTS
from rehearsal.survival.recovery import survived
from rehearsal.survival.stand import stand
from rehearsal.survival.witnesses import witnesses
from toolchain.report import say

HEAD = (
    "| fault | answers as before | all healthy | bad answers meanwhile | writes | lost | load | target |\n"
    "|---|---:|---:|---|---:|---:|---:|---:|"
)


def main() -> int:
    """Run as asked; 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.survival", description=__doc__)
    parser.add_argument("--only", default="", help="only the faults that match this regular expression")
    chosen = parser.parse_args()
    missed = 0
    with (
        tempfile.TemporaryDirectory(prefix="survival-") as folder,
        stand(Path(folder)) as where,
        witnesses(where.project) as people,
    ):
        say(HEAD)
        for fault in (one for one in FAULTS if re.search(chosen.only, one.what)):
            try:
                found = survived(people, fault, partial(fault.happens, where))
                missed += found.missed
                say(str(found))
            except AssertionError as error:
                missed += 1
                say(f"| {fault.what} | MISSED: {error} | | | | | | |")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
