"""What time it is, and how to let it pass: a signal to end is heard whenever something waits."""

import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType

SLICE_SECONDS = 0.2


class EndedError(Exception):
    """The process was told to end while it waited."""


class Clock:
    """The real one. `beat` is called while time passes, so that somebody can see that nothing hangs."""

    def __init__(self, beat: Callable[[], None] = lambda: None) -> None:
        self._beat = beat
        self.ended = False

    def end_on_signals(self) -> None:
        """SIGTERM and SIGINT end it from now on, wherever it waits."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self.ended = True

    def now(self) -> datetime:
        """The time of day, UTC."""
        return datetime.now(UTC)

    def seconds(self) -> float:
        """Seconds on a clock that nobody sets."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let time pass; EndedError as soon as the process is to end."""
        end = time.monotonic() + seconds
        while True:
            self._beat()
            if self.ended:
                raise EndedError("told to end")
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, SLICE_SECONDS))

    def rest(self, seconds: float) -> None:
        """Let time pass, even when the process is to end: for what must still be done."""
        self._beat()
        time.sleep(seconds)


def identifier(moment: datetime) -> str:
    """The id of what began then: 20261130T033000Z."""
    return moment.strftime("%Y%m%dT%H%M%SZ")
