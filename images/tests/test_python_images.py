"""What every image with Python in it must be able to do."""

from collections.abc import Callable

import pytest

from images.tests.engine import Engine

OUTLIVED = """
import sys, threading, time

class Slow:
    def write(self, text):
        pass

    def flush(self):
        time.sleep(0.5)

def outlive():
    while True:
        time.sleep(0.01)

threading.Thread(target=outlive, daemon=True).start()
sys.stdout = Slow()
"""
"""The interpreter flushes what it writes to as it ends; half a second, in which a thread wakes."""


@pytest.mark.parametrize("folder", ["api", "backup", "observers"])
def test_a_thread_that_outlives_the_interpreter_does_not_abort_it(
    engine: Engine, image: Callable[[str], str], folder: str
) -> None:
    with engine.run(image(folder), ["-c", OUTLIVED], entrypoint=["/usr/bin/python3.13"]) as once:
        assert once.exit_code() == 0, once.logs()
