"""The folder that all processes of the container write their figures to."""

import os
import shutil
import sys
from pathlib import Path

FOLDER = Path("/tmp/metrics")  # noqa: S108 - in the container's own memory, where the API's user alone writes
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def prepare() -> None:
    """Make an empty folder for the figures; to be called before prometheus_client is imported, which looks then."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        FOLDER.mkdir(mode=0o700)
    except OSError as error:
        sys.exit(
            f"{FOLDER.parent}: {error.strerror}; mount a folder in memory there, as with `--tmpfs {FOLDER.parent}`"
        )
    os.environ[VARIABLE] = str(FOLDER)
