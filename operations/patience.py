"""Waiting for a command to end in its own way when somebody interrupts."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a process to end: Ctrl-C, a service manager or a script, the terminal that is closed."""


@contextmanager
def heard_by(handler: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    """While it is entered, SIGNALS reach the handler, but for those that are ignored: `nohup` wants that to stay."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        for number in SIGNALS:
            if before[number] is not signal.SIG_IGN:
                signal.signal(number, handler)
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


class Patience:
    """Hands the first of SIGNALS on to the command that it attends, as SIGINT.

    Later ones go nowhere: a second SIGINT makes pulumi leave without writing down what it has done.
    """

    def __init__(self) -> None:
        self.was_tried = False
        self._command: subprocess.Popen[str] | None = None

    def attend(self, command: subprocess.Popen[str]) -> None:
        """The command that is to be interrupted."""
        self._command = command
        if self.was_tried:
            command.send_signal(signal.SIGINT)

    def hear(self, _: int, __: FrameType | None) -> None:
        """Take a signal."""
        if not self.was_tried and self._command:
            self._command.send_signal(signal.SIGINT)
        self.was_tried = True
