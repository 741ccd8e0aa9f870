"""Commands of other programs: run quietly, told in full when they fail."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

LAST_LINES = 15


class StepError(Exception):
    """A step cannot go on; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Command:
    """A command line, with the advice that is given when it fails; `seconds` is its time limit."""

    argv: Sequence[str | Path]
    advice: str
    seconds: float | None = None
    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, stdin: str | None = None) -> str:
        """Return what the command printed on stdout. Raises StepError with the last lines of its output."""
        result = self.outcome(stdin)
        if result.returncode != 0:
            raise StepError(self.failure(result))
        return result.stdout.strip()

    def outcome(self, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run to the end, whatever the exit code; one that cannot start or exceeds its time has a code above 120."""
        argv = [str(word) for word in self.argv]
        try:
            return subprocess.run(  # noqa: S603 - the argument lists are this package's own
                argv,
                input=stdin,
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self.seconds,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                check=False,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(argv, 124, "", f"no end within {self.seconds:.0f} s")
        except OSError as error:
            return subprocess.CompletedProcess(argv, 127, "", str(error))

    def failure(self, result: subprocess.CompletedProcess[str]) -> str:
        """Say which command failed, its last lines, and what to do."""
        line = shlex.join(str(word) for word in self.argv)
        return f"`{line}` failed (exit code {result.returncode}):\n{last_lines(result)}\n{self.advice}"


def last_lines(result: subprocess.CompletedProcess[str]) -> str:
    """Return the end of a command's output, indented."""
    lines = (result.stdout + "\n" + result.stderr).split("\n")
    return "\n".join(f"    {line.rstrip()}" for line in [line for line in lines if line.strip()][-LAST_LINES:])


def found(program: str) -> Path | None:
    """Return where a program is on PATH, None when it is not."""
    where = shutil.which(program)
    return Path(where) if where else None
