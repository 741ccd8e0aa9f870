"""The pulumi command on one stack, from the checkout's folder."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.exit_codes import ExitCode, OperationError

LOCKED = "the stack is currently locked"
LAST_LINES = 25


@dataclass(frozen=True)
class Pulumi:
    """Runs pulumi for `stack` in `checkout`."""

    stack: str
    checkout: Path

    def answer(self, *arguments: str) -> str:
        """What a command prints. Raises OperationError with the end of what it complained of."""
        done = subprocess.run(self._command(*arguments), cwd=self.checkout, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise self._failure(arguments[0], (done.stderr or done.stdout), done.returncode)
        return done.stdout

    def show(self, *arguments: str, quietly: bool = False) -> None:
        """Run a command whose progress people see (on stderr: stdout is for answers), and wait for its end.

        An interrupt reaches it once and is waited for, so that it can leave the state in order. Raises OperationError.
        """
        out = subprocess.DEVNULL if quietly else 2
        with _patience() as interrupts:
            command = subprocess.Popen(self._command(*arguments), cwd=self.checkout, stdout=out, start_new_session=True)
            interrupts.append(command)
            code = command.wait()
        if interrupts[1:]:
            raise OperationError(
                ExitCode.BROKEN,
                f"pulumi {arguments[0]} was interrupted, and has ended. What served before serves on; "
                f"`research deploy -s {self.stack}` goes on from here",
            )
        if code != 0:
            raise OperationError(
                ExitCode.BROKEN,
                f"pulumi {arguments[0]} ended with {code}: its report is above. Mend the cause and type "
                f"`research deploy -s {self.stack}`, or go back: `research rollback -s {self.stack}`",
            )

    def _command(self, *arguments: str) -> list[str]:
        return ["pulumi", "--non-interactive", *arguments, "--stack", self.stack]

    def _failure(self, command: str, text: str, code: int) -> OperationError:
        if LOCKED in text:
            return OperationError(
                ExitCode.BROKEN,
                f"another pulumi works on stack {self.stack}, or one was killed: wait for it, or, when none runs, "
                f"`pulumi cancel --stack {self.stack}`",
            )
        last = "\n".join(text.strip().splitlines()[-LAST_LINES:])
        return OperationError(ExitCode.BROKEN, f"pulumi {command} ended with {code}:\n{last}")


@contextmanager
def _patience() -> Iterator[list[Any]]:
    """Pass SIGINT and SIGTERM on to the command that is put first into the list; what follows it are the signals."""
    noted: list[Any] = []

    def pass_on(number: int, _: object) -> None:
        noted.append(number)
        if noted and len(noted) == 2:  # noqa: PLR2004 - the command and the first signal: a second one would kill
            os.kill(noted[0].pid, signal.SIGINT)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
