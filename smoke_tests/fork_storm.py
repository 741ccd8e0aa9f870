"""Start processes until the kernel refuses another one, in a container; all are gone when this ends."""

import errno
import json
import os
import signal
import sys

MOST = 10_000
LONGEST_SECONDS = 20


def storm() -> tuple[int, str]:
    """How many could be started, and why no more."""
    started: list[int] = []
    try:
        while len(started) < MOST:
            child = os.fork()
            if not child:
                signal.alarm(LONGEST_SECONDS)  # should this be killed, too
                signal.pause()
            started.append(child)
    except OSError as error:
        return len(started), errno.errorcode[error.errno or 0]
    finally:
        for child in started:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return len(started), ""


if __name__ == "__main__":
    json.dump(storm(), sys.stdout)
