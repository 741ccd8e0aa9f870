"""How a command of `research` ends: its exit code, and the error that a person reads."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

EXPLAINED = "Exit codes: 0 fine, 1 found broken, 2 wrong use, 3 the engine or the stack is not there."


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


@contextmanager
def told() -> Iterator[None]:
    """End the process with the message and the code of an OperationError, and quietly when interrupted."""
    try:
        yield
    except OperationError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.code)
    except KeyboardInterrupt:
        sys.exit(130)
