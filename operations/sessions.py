"""Running a tool in a container, with a terminal or without; the exit code is the tool's."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, BinaryIO, NoReturn, cast

from operations.asked_password import sized, typed
from operations.exit_codes import ExitCode, OperationError

CHUNK = 65536
NO_CONTEXT = {"DOCKER_CONTEXT": "default"}
"""The docker command is to ask the engine at which the container was found: DOCKER_HOST, else the default socket."""


@dataclass(frozen=True)
class Session:
    """A command in a container; `environment` holds no secrets, `password` is typed when the tool asks for it."""

    container: str
    command: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    password: str = field(default="", repr=False)

    def start(self, *, interactive: bool = True) -> NoReturn:
        """Hand this terminal, or standard input and output, to the tool, and end as it ends."""
        terminal = interactive and sys.stdin.isatty() and sys.stdout.isatty()
        argv = self.argv(terminal)
        environment = {**os.environ, **NO_CONTEXT}
        if not self.password:
            os.execvpe(argv[0], argv, environment)  # noqa: S606 - no shell is wanted
        if terminal:
            sys.exit(typed(argv, self.password, environment))
        sys.exit(fed(argv, self.password, environment, sys.stdin.buffer if interactive else None))

    def argv(self, terminal: bool) -> list[str]:
        """The docker command that runs it."""
        if not shutil.which("docker"):
            raise OperationError(ExitCode.NOT_THERE, "the docker command is missing: `make toolchain` installs it")
        variables = [word for name, value in self.environment.items() for word in ("--env", f"{name}={value}")]
        flags = ["--interactive", *(["--tty"] if terminal else [])]
        command = sized(self.command) if terminal and self.password else self.command
        return ["docker", "exec", *flags, *variables, self.container, *command]


def given(container: str, command: Sequence[str], text: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a container with a text, which may be secret, as its standard input; it may fail."""
    argv, environment = Session(container, command).argv(terminal=False), {**os.environ, **NO_CONTEXT}
    return subprocess.run(argv, input=text, env=environment, capture_output=True, text=True, check=False)


def fed(argv: Sequence[str], password: str, environment: dict[str, str], more: BinaryIO | None) -> int:
    """Run with the password as the first line of standard input, then all of `more`, as it comes."""
    with subprocess.Popen(argv, stdin=subprocess.PIPE, env=environment) as tool:
        # A tool that has ended before it read everything has its reasons, and its code.
        with suppress(BrokenPipeError), cast(IO[bytes], tool.stdin) as stdin:
            stdin.write(password.encode() + b"\n")
            stdin.flush()
            while more and (chunk := os.read(more.fileno(), CHUNK)):
                stdin.write(chunk)
                stdin.flush()
        return tool.wait()
