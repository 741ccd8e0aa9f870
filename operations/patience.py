"""Waiting for a command to end in its own way when somebody interrupts."""

import signal
import subprocess
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Patience:
    """While it is entered, the first interrupt (SIGINT or SIGTERM) goes on to the command that it attends, as SIGINT.

    Later ones go nowhere: a second SIGINT makes pulumi leave without writing down what it has done.
    """

    def __init__(self) -> None:
        self.was_tried = False
        self._command: subprocess.Popen[str] | None = None
        self._before: dict[signal.Signals, Any] = {}

    def attend(self, command: subprocess.Popen[str]) -> None:
        """The command that is to be interrupted."""
        self._command = command
        if self.was_tried:
            command.send_signal(signal.SIGINT)

    def __enter__(self) -> "Patience":
        self._before = {number: signal.signal(number, self._interrupted) for number in SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if not self.was_tried and self._command:
            self._command.send_signal(signal.SIGINT)
        self.was_tried = True
