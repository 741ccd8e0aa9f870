"""The pulumi command on one stack, from the checkout's folder."""

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from operations.exit_codes import ExitCode, OperationError
from operations.patience import Patience, heard_by
from operations.pulumi_failure import LAST_LINES, PASSPHRASE, failure, interrupted, shown_failure


@dataclass(frozen=True)
class Pulumi:
    """Runs pulumi for `stack` in `checkout`."""

    stack: str
    checkout: Path

    def preview(self) -> list[dict[str, Any]]:
        """The steps that an update would take, in order. Raises OperationError with what the program refuses."""
        done = self._asked("preview", "--json", "--show-replacement-steps")
        report = json.loads(done.stdout) if done.stdout.startswith("{") else {}
        if done.returncode == 0:
            return list(report["steps"])
        said = [one["message"].strip() for one in report.get("diagnostics", []) if one["severity"] == "error"]
        raise failure(self.stack, "preview", "\n".join(said[:-1] or said) or done.stderr, done.returncode)

    def answer(self, *arguments: str) -> str:
        """What a command prints. Raises OperationError with the end of what it complained of."""
        done = self._asked(*arguments)
        if done.returncode != 0:
            raise failure(self.stack, arguments[0], done.stderr or done.stdout, done.returncode)
        return done.stdout

    def passphrase_problem(self) -> str:
        """Why the stack's secrets cannot be read with the passphrase at hand; empty when nothing speaks against it.

        A secret is added to a copy of the stack's file.
        """
        with TemporaryDirectory() as folder:
            copy = Path(folder) / f"Pulumi.{self.stack}.yaml"
            copy.write_text((self.checkout / copy.name).read_text())
            done = self._asked("config", "set", "--secret", "tried", "nothing", "--config-file", str(copy))
        said = PASSPHRASE.search(done.stderr)
        return said[0] if said else ""

    def show(self, *arguments: str) -> None:
        """Run a command whose progress people see (on stderr: stdout is for answers), and wait for its end.

        An interrupt reaches it once and is waited for, so that it can leave the state in order. Raises OperationError.
        """
        colour = ("--color", "always" if sys.stderr.isatty() else "never")
        last: deque[str] = deque(maxlen=LAST_LINES)
        patience = Patience()
        with heard_by(patience.hear), self._started(*arguments, *colour) as command:
            patience.attend(command)
            for line in command.stdout or ():
                last.append(line)
                with suppress(OSError):  # whoever reads may be gone: pulumi is neither to wait nor to die for that
                    sys.stderr.write(line)
        if command.returncode != 0 and patience.was_tried:
            raise interrupted(self.stack, arguments[0])
        if command.returncode != 0:
            raise shown_failure(self.stack, arguments[0], "".join(last), command.returncode)

    def _asked(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        with _pulumi_missing():
            return subprocess.run(
                self._command(*arguments),
                cwd=self.checkout,
                env=_environment(),
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                stdin=subprocess.DEVNULL,
            )

    def _started(self, *arguments: str) -> subprocess.Popen[str]:
        """A process of a session of its own, which an interrupt from the terminal does not reach by itself."""
        with _pulumi_missing():
            return subprocess.Popen(
                self._command(*arguments),
                cwd=self.checkout,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )

    def _command(self, *arguments: str) -> Sequence[str]:
        return ["pulumi", "--non-interactive", *arguments, "--stack", self.stack]


def _environment() -> dict[str, str]:
    return {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}


@contextmanager
def _pulumi_missing() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise OperationError(
            ExitCode.NOT_THERE, "pulumi is not on PATH: type `make up` once, then `source .venv/bin/activate`"
        ) from None
