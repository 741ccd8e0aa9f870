"""Leaving without dropping a request: /health says so first, the listening socket closes after."""

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from market_research.health import Doctor

log = logging.getLogger(__name__)


@contextmanager
def draining_on_sigterm(doctor: Doctor, seconds: float) -> Iterator[None]:
    """SIGTERM turns `doctor` to draining and reaches the server `seconds` later; a second one reaches it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Only the main thread may handle signals; a test client runs the application in another.
        return
    loop = asyncio.get_running_loop()
    stop = signal.getsignal(signal.SIGTERM)

    def leave(number: int, frame: FrameType | None) -> None:
        again, doctor.draining = doctor.draining, True
        # Nothing but this in a signal handler: a log line could interrupt another one halfway.
        loop.call_soon_threadsafe(stop_later, 0 if again else seconds, number, frame)

    def stop_later(delay: float, number: int, frame: FrameType | None) -> None:
        log.info("draining for %s s", delay)
        if callable(stop):
            loop.call_later(delay, stop, number, frame)

    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, stop)
