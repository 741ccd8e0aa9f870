"""What people see of long work: lines, and of a step one with the time it took."""

import sys
import threading
import time
from typing import Self, TextIO

WIDTH = 20


def say(*lines: str) -> None:
    """Print lines for people, at once: some read them in a log that grows."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


class StepLine:
    """The line of one step: counts seconds on a terminal, elsewhere announces long work and then its result."""

    def __init__(self, name: str, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.name = f"{name:<{WIDTH}}"
        self.started = time.monotonic()
        self.doing: str | None = None
        self.live = self.out.isatty()
        self.ended = threading.Event()
        self.clock = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        if self.live:
            self.clock.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop()

    def say(self, doing: str) -> None:
        """Tell what takes its time now."""
        self.doing = doing
        if not self.live:
            self._write(f"{self.name} {doing} ...\n")

    def done(self, result: str) -> None:
        """Close the line with what is in place."""
        self._stop()
        self._write(f"{self._start()}{self.name} {result} ({self._elapsed()})\n")

    def failed(self) -> None:
        """Close the line of a step that did not succeed; the reason follows it."""
        self._stop()
        self._write(f"{self._start()}{self.name} FAILED ({self._elapsed()})\n")

    def _tick(self) -> None:
        while not self.ended.wait(1):
            if self.doing:
                self._write(f"{self._start()}{self.name} {self.doing} ... {self._elapsed()}")

    def _stop(self) -> None:
        self.ended.set()
        if self.clock.is_alive():
            self.clock.join()

    def _start(self) -> str:
        return "\r\033[K" if self.live else ""

    def _elapsed(self) -> str:
        seconds = time.monotonic() - self.started
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"  # noqa: PLR2004 - tenths while they matter

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
