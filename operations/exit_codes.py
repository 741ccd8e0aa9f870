"""How a command of `research` ends: its exit code, and the error that a person reads."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import NoReturn

from docker.errors import DockerException
from requests.exceptions import RequestException

from stacks.settings import SettingsError
from toolchain.command import StepError

EXPLAINED = (
    "Exit codes: 0 fine, 1 found broken, 2 wrong use, 3 engine or stack not there or engine failing, 130 interrupted."
)


INTERRUPTED = 130
"""Of SIGINT, as a shell counts it."""


class ExitCode(IntEnum):
    """What a command found; those that run a tool in a container end with the tool's own code instead."""

    FINE = 0
    BROKEN = 1
    WRONG_USE = 2
    NOT_THERE = 3


class OperationError(Exception):
    """A command cannot go on; the message says what is wrong and what to type."""

    def __init__(self, code: ExitCode, message: str) -> None:
        super().__init__(message)
        self.code = code


MENDABLE = (OperationError, SettingsError, StepError, DockerException, RequestException)
"""What a person can mend: no fault of the program."""


def explained(error: Exception) -> OperationError:
    """One of MENDABLE with its exit code, and what to type."""
    match error:
        case OperationError():
            return error
        case SettingsError():
            advice = "Mend the file, then `research doctor -s <stack>` looks at it again"
            return OperationError(ExitCode.BROKEN, f"{error}\n{advice}")
        case StepError():
            return OperationError(ExitCode.NOT_THERE, str(error))
    reason = " ".join((getattr(error, "explanation", None) or str(error)).split())
    advice = "`research doctor -s <stack>` looks at it; then try again"
    return OperationError(ExitCode.NOT_THERE, f"the engine failed: {reason}\n{advice}")


@contextmanager
def told() -> Iterator[None]:
    """End the process with the code and the message of what a person can mend, and quietly when interrupted."""
    try:
        yield
    except MENDABLE as error:
        ending = explained(error)
        _end(ending.code, str(ending))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _end(code: ExitCode, message: str) -> NoReturn:
    with suppress(OSError):  # the terminal may be closed; the code stays
        sys.stderr.write(f"error: {message}\n")
    sys.exit(code)
