"""A tool on a terminal that asks for its password first: the answer is typed for the person who sits there."""

import fcntl
import os
import pty
import signal
import termios
from collections.abc import Sequence
from select import select

PROMPT = b"password: "
CHUNK = 4096
SIZED = 'size="rows $1 cols $2"; shift 2; stty $size 2>&- || busybox stty $size; exec "$@"'
"""Gives the container's terminal its size before the tool looks: docker does so a moment after the start."""
SIZE = 8
"""Bytes of a terminal's size as the kernel hands it out."""


def typed(argv: Sequence[str], password: str, environment: dict[str, str]) -> int:
    """Run on a terminal in between, and return the exit code; neither the prompt nor the answer is shown."""
    os.environ.update(environment)
    resized = signal.getsignal(signal.SIGWINCH)
    try:
        return os.waitstatus_to_exitcode(pty.spawn(list(argv), Screen(password).read))
    finally:
        signal.signal(signal.SIGWINCH, resized)


def sized(command: Sequence[str]) -> list[str]:
    """The command, for a container's terminal that is to be as large as this one."""
    columns, lines = os.get_terminal_size()
    return ["sh", "-c", SIZED, "sh", str(lines), str(columns), *command]


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
                self._held += awaited(terminal)
            except OSError:  # the tool ended without asking, and says why
                self._open = True
            if not self._answered and PROMPT in self._held:
                self._answered, self._held = True, b""
                os.write(terminal, self._password.encode() + b"\r")
            elif self._answered and b"\n" in self._held:
                self._open, self._held = True, self._held.partition(b"\n")[2]
        held, self._held = self._held, b""
        return held or awaited(terminal)


def awaited(terminal: int) -> bytes:
    """The next output. Raises OSError when there is none any more."""
    select([terminal], [], [])
    return os.read(terminal, CHUNK)


def follow_size(terminal: int) -> None:
    """Give the terminal in between the size of the real one, now and whenever that changes."""

    def copy(*_: object) -> None:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, fcntl.ioctl(pty.STDIN_FILENO, termios.TIOCGWINSZ, bytes(SIZE)))

    copy()
    signal.signal(signal.SIGWINCH, copy)
