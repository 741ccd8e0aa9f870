"""What to type when pulumi could not do what it was asked for."""

import re

from operations.exit_codes import ExitCode, OperationError

LOCKED = "the stack is currently locked"
NO_STACK = "no stack named"
PASSPHRASE = re.compile(r"incorrect passphrase|passphrase must be set|unable to read PULUMI_CONFIG_PASSPHRASE_FILE: .*")
TO_DECRYPT = (
    "`source .venv/bin/activate` sets the published one where no other is; a stack with one of its own needs it in the "
    "file that PULUMI_CONFIG_PASSPHRASE_FILE names, and no PULUMI_CONFIG_PASSPHRASE beside it"
)
LAST_LINES = 25


def failure(stack: str, command: str, text: str, code: int) -> OperationError:
    """A command that ended with `code` and this complaint, which nobody has seen yet."""
    last = "\n".join(text.strip().splitlines()[-LAST_LINES:])
    return _known(stack, text) or OperationError(ExitCode.BROKEN, f"pulumi {command} ended with {code}:\n{last}")


def shown_failure(stack: str, command: str, text: str, code: int) -> OperationError:
    """The same for a command whose output people have seen."""
    return _known(stack, text) or OperationError(
        ExitCode.BROKEN,
        f"pulumi {command} ended with {code}: its report is above. Mend the cause and type "
        f"`research deploy -s {stack}`, or go back: `research rollback -s {stack}`",
    )


def interrupted(stack: str, command: str) -> OperationError:
    """A command that somebody interrupted."""
    return OperationError(
        ExitCode.BROKEN,
        f"pulumi {command} was interrupted, and has ended. Behind an edge the API and the frontend of before serve on; "
        f"`research status -s {stack}` says what runs, `research deploy -s {stack}` goes on from here",
    )


def _known(stack: str, text: str) -> OperationError | None:
    if LOCKED in text:
        return OperationError(
            ExitCode.BROKEN,
            f"another pulumi works on stack {stack}, or one was killed: wait for it, or, when none runs, "
            f"`pulumi cancel --stack {stack}`",
        )
    if said := PASSPHRASE.search(text):
        return OperationError(
            ExitCode.NOT_THERE,
            f"Pulumi.{stack}.yaml: {said[0]}; nothing was changed. {TO_DECRYPT}",
        )
    if NO_STACK in text:
        return OperationError(
            ExitCode.NOT_THERE,
            f"this state has no stack {stack}: `pulumi stack ls` lists those there are, "
            f"`make up STACK={stack}` brings one up",
        )
    return None
