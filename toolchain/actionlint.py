"""actionlint, which checks the workflows of CI."""

import sys
from pathlib import Path

from toolchain.go_program import GoProgram
from toolchain.pulumi_cli import link
from toolchain.step import Say

MODULE = "github.com/rhysd/actionlint"
ACTIONLINT = GoProgram("actionlint", MODULE, version_symbol=f"{MODULE}.version", prefix="")


class Actionlint:
    """Built from its Go module: what the Python package index has downloads its program from elsewhere."""

    name = "actionlint"

    def __init__(self) -> None:
        self.command = Path(sys.prefix) / "bin" / self.name

    def present(self) -> str | None:
        """Return the version that this environment's command leads to, if it is the pinned one."""
        pinned = ACTIONLINT.binary
        return ACTIONLINT.version if pinned.exists() and self.command.resolve() == pinned else None

    def install(self, say: Say) -> str:
        """Build it, and let this environment's command lead there."""
        link(self.command, ACTIONLINT.build(say))
        return f"{ACTIONLINT.version}, built from its Go module"
