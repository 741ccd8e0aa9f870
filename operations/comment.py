"""`python -m operations.comment`: what a deploy would do, as Markdown for those who review the change."""

import argparse
import os
import sys
from collections.abc import Sequence

from operations.changes import Change
from operations.exit_codes import MENDABLE, OperationError, explained, told
from operations.plan import planned
from operations.stack_file import StackFile
from toolchain.ssh_engine import engine_over_ssh

SIGNS = {"loses data": "🛑", "stops": "⚠️", "no downtime": "✅", "beside": "▫️"}


def markdown(stack: str, changes: Sequence[Change]) -> str:
    """The changes as a table, the gravest first."""
    title = f"### Deploying this to `{stack}`\n"
    if not changes:
        return f"{title}\nchanges nothing.\n"
    rows = [
        "| {} | `{}` | {} | {} |".format(
            SIGNS[change.impact], *map(_cell, (change.what, change.sentence, ", ".join(change.because)))
        )
        for change in changes
    ]
    return "\n".join([title, "| | what | what happens | because of |", "|---|---|---|---|", *rows, ""])


def refusal(stack: str, failure: OperationError) -> str:
    """Why there is nothing to deploy."""
    quoted = "\n".join(f"    {line}" for line in str(failure).splitlines())
    return f"### Deploying this to `{stack}` is refused\n\n{quoted}\n"


def main() -> int:
    """Print the comment; the exit code says whether it could be deployed."""
    parser = argparse.ArgumentParser(prog="python -m operations.comment", description=__doc__)
    parser.add_argument("--stack", required=True)
    stack = parser.parse_args().stack
    with told():
        try:
            with engine_over_ssh(os.environ):
                sys.stdout.write(markdown(stack, planned(StackFile(stack))))
        except MENDABLE as error:
            # Without words the comment of an earlier commit would stay.
            failure = explained(error)
            sys.stdout.write(refusal(stack, failure))
            return int(failure.code)
    return 0


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
