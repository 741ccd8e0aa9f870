"""`research psql`, `cypher` and `redis`: a store's own client, inside its container, without a password to type."""

import shlex
from typing import Annotated
from urllib.parse import urlsplit

import typer

from operations.archives import unpacked
from operations.command_line import DEFAULT_STACK, StackName
from operations.exit_codes import ExitCode, OperationError
from operations.running_stack import Replica, RunningStack
from operations.sessions import Session

Statement = Annotated[str, typer.Option("--command", "-c", metavar="TEXT", help="Run this, and end.")]
More = Annotated[list[str] | None, typer.Argument(metavar="[-- OPTIONS]", help="Passed on to the tool.")]

CYPHER_SHELL = """
[ -e "$NEO4J_HOME/server.args" ] || exec cypher-shell "$@"
IFS=/ read -r user password <"${NEO4J_USERS_PATH:-$NEO4J_AUTH_PATH}"
exec java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
    @"$NEO4J_HOME"/server.args @/dev/fd/3 "$@" 3<<END
org.neo4j.shell.Main
-u
"$user"
-p
"$password"
END
"""
"""java reads the login from a pipe: on the command line, in the environment or in a file others could see it."""

CYPHER_HISTORY = {"NEO4J_CYPHER_SHELL_HISTORY": "/tmp/cypher_shell_history"}  # noqa: S108 - the container's own memory

IDLE = "1h"
"""docker does not end a tool whose terminal is gone: it would keep its memory and its connection for good."""


def psql(
    command: Statement = "",
    more: More = None,
    stack: StackName = DEFAULT_STACK,
    superuser: Annotated[bool, typer.Option("--superuser", help="As postgres, who may do anything.")] = False,
) -> None:
    """Open psql on the stack's database, as the API unless told otherwise: it changes rows, and no table.

    Reads SQL from standard input if that is no terminal. The exit code is psql's.
    """
    from infra.logins import SLOTS  # noqa: PLC0415 - it takes a second
    from infra.services.postgres import API, DATABASE, Postgres  # noqa: PLC0415

    role = "postgres" if superuser else f"{API}_{SLOTS[0]}"
    statement = ["--command", command] if command else []
    argv = ["psql", "--username", role, "--dbname", DATABASE, *(more or []), *statement]
    container = RunningStack.find(stack).running(Postgres.name)
    Session(container.id, argv, {"PSQL_HISTORY": "/dev/null", "PGOPTIONS": f"-c idle_session_timeout={IDLE}"}).start(
        interactive=not command
    )


def cypher(command: Statement = "", more: More = None, stack: StackName = DEFAULT_STACK) -> None:
    """Open cypher-shell on the stack's graph, as the API.

    Reads Cypher from standard input if that is no terminal. The exit code is cypher-shell's.
    """
    container = RunningStack.find(stack).running("neo4j")
    statement = [command] if command else []
    argv = ["sh", "-c", CYPHER_SHELL, "cypher-shell", "--idle-timeout", IDLE, *(more or []), *statement]
    Session(container.id, argv, CYPHER_HISTORY).start(interactive=not command)


def redis(command: Statement = "", more: More = None, stack: StackName = DEFAULT_STACK) -> None:
    """Open redis-cli on the stack's cache and sessions, as the application: without administration.

    Reads commands from standard input if that is no terminal. The exit code is redis-cli's.
    """
    from infra.services.api import Api  # noqa: PLC0415 - it takes a second
    from infra.services.redis import Redis  # noqa: PLC0415

    statement = words(command)
    running = RunningStack.find(stack)
    container = running.running(Redis.name)
    password = secret(running, Api.name, Redis.credential_file)
    argv = ["redis-cli", "-e", "--user", user(running, Api.name, "REDIS_URL"), "--askpass", *(more or []), *statement]
    session = Session(container.id, argv, {"REDISCLI_HISTFILE": "/dev/null"}, password)
    session.start(interactive=not command)


def words(command: str) -> list[str]:
    """A command's words, quoted as in a shell. Raises OperationError for a quote that is left open."""
    try:
        return shlex.split(command)
    except ValueError as error:
        raise OperationError(ExitCode.WRONG_USE, f"--command {command}: {error}") from None


def secret(stack: RunningStack, owner: str, file: str) -> str:
    """A secret file of a service, read from its container, which need not run. Raises OperationError without one."""
    from infra.mounted_files import SecretFiles  # noqa: PLC0415 - it takes a second

    return _read(stack, _one(stack, owner, file), f"{SecretFiles.folder}/{file}").strip()


def user(stack: RunningStack, owner: str, variable: str) -> str:
    """As whom a service logs in to a store, by the address in its environment. Raises OperationError without one."""
    environment = dict(line.split("=", 1) for line in _one(stack, owner, variable).facts["Config"]["Env"])
    return urlsplit(environment[variable]).username or ""


def _one(stack: RunningStack, owner: str, needed: str) -> Replica:
    of_owner = [one for one in stack.replicas() if one.service == owner]
    if not of_owner:
        raise OperationError(
            ExitCode.NOT_THERE,
            f"stack {stack.name} has no {owner}, whose {needed} is needed: `pulumi up --refresh -s {stack.name}`",
        )
    return of_owner[0]


def _read(stack: RunningStack, container: Replica, path: str) -> str:
    chunks, _ = stack.engine.client.api.get_archive(container.id, path)
    return unpacked(chunks)
