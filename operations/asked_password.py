"""A tool on a terminal that asks for its password first: the answer is typed for the person who sits there."""

import fcntl
import os
import pty
import signal
import termios
from collections.abc import Sequence

PROMPT = b"password: "
CHUNK = 4096
SIZED = 'stty rows "$1" cols "$2"; shift 2; exec "$@"'
"""Gives the terminal in between its size before the tool looks."""
SIZE = 8
"""Bytes of a terminal's size as the kernel hands it out."""


def typed(argv: Sequence[str], password: str, environment: dict[str, str]) -> int:
    """Run on a terminal in between, and return the exit code; neither the prompt nor the answer is shown."""
    os.environ.update(environment)
    columns, lines = os.get_terminal_size()
    command = ["sh", "-c", SIZED, "sh", str(lines), str(columns), *argv]
    resized = signal.getsignal(signal.SIGWINCH)
    try:
        return os.waitstatus_to_exitcode(pty.spawn(command, Screen(password).read))
    finally:
        signal.signal(signal.SIGWINCH, resized)


class Screen:
    """What the tool prints, from after its prompt on."""

    def __init__(self, password: str) -> None:
        self._password = password
        self._held = b""
        self._answered = self._open = False

    def read(self, terminal: int) -> bytes:
        """The next output for the person; empty at the end, as `pty.spawn` wants it."""
        if not self._held and not self._answered:
            follow_size(terminal)
        while not self._open:
            try:
                self._held += os.read(terminal, CHUNK)
            except OSError:  # the tool ended without asking, and says why
                self._open = True
            if not self._answered and PROMPT in self._held:
                self._answered, self._held = True, b""
                os.write(terminal, self._password.encode() + b"\r")
            elif self._answered and b"\n" in self._held:
                self._open, self._held = True, self._held.partition(b"\n")[2]
        held, self._held = self._held, b""
        return held or os.read(terminal, CHUNK)


def follow_size(terminal: int) -> None:
    """Give the terminal in between the size of the real one whenever that changes."""

    def copy(*_: object) -> None:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, fcntl.ioctl(pty.STDIN_FILENO, termios.TIOCGWINSZ, bytes(SIZE)))

    signal.signal(signal.SIGWINCH, copy)
