"""The command line `research` on the throw-away stack."""

import json
import sys
from typing import Any

from rehearsal.project import Project, Result

RESEARCH = (sys.executable, "-m", "operations")


def research(project: Project, *arguments: str) -> Result:
    """Run a command, and show what it printed to whoever reads the log."""
    result = project.run(*RESEARCH, *arguments, "--stack", project.stack)
    print(f"\n$ research {' '.join(arguments)} -> {result.code}, {result.seconds:.0f} s\n{result.text[-2500:]}")  # noqa: T201
    return result


def told(result: Result) -> Any:
    """What a command printed for programs, behind its progress."""
    assert result.code == 0, result.text
    lines = result.text.splitlines()
    start = next(number for number, line in enumerate(lines) if line in ("{", "["))
    return json.loads("\n".join(lines[start:]))
