"""`research audit`: who changed a stack, when and why."""

import getpass
import json as json_module
import os
import re
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.exit_codes import OperationError
from operations.pulumi_cli import Pulumi
from operations.stack_file import StackFile

COLUMNS = ("at", "who", "action", "result", "commit", "detail")
SIGNATURE = re.compile(r" \[research: (?P<who>\S+)\]$")
"""The end of a message in Pulumi's history, which by itself knows of no user."""


def audit(
    stack: StackName = DEFAULT_STACK,
    json: AsJson = False,
    last: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 20,
) -> None:
    """Show who did what to a stack: every update from Pulumi's history, and what Pulumi does not know of.

    The history is that of the state's backend, of a plain `pulumi up` too (there `who` is the author of the commit).
    Maintenance, unlocking, removed data and refused deploys are known on the machine that did it.
    """
    file = StackFile(stack)
    file.must_exist()
    pages = ("--page", "1", "--page-size", str(last))
    history = json_module.loads(Pulumi(stack, file.checkout).answer("stack", "history", "--json", *pages))
    entries = sorted([*map(_update, history or []), *recorded(file)], key=lambda entry: entry["at"])[-last:]
    if json:
        print_json(entries)
        return
    table = Table(*COLUMNS, box=None, pad_edge=False, header_style="bold")
    for entry in entries:
        table.add_row(*(escape(str(entry[column])) for column in COLUMNS))
    console().print(table)


def record(file: StackFile, action: str, detail: str = "", result: str = "done") -> None:
    """Note what Pulumi's history does not: appended to a file beside Pulumi's own."""
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    entry = {"at": at, "who": _who(), "action": action, "result": result, "commit": "", "detail": detail}
    path = journal(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lines:
        lines.write(json_module.dumps(entry) + "\n")


@contextmanager
def noted(file: StackFile, action: str, result: str) -> Iterator[None]:
    """Record why the block could not go on, if it cannot."""
    try:
        yield
    except OperationError as error:
        record(file, action, str(error).partition("\n")[0].partition(". ")[0], result)
        raise


def signed(reason: str) -> str:
    """The message of an update, which tells who asked for it."""
    return f"{reason} [research: {_who()}]"


def commit_subject(file: StackFile) -> str:
    """What a deploy without a reason is about, as Pulumi itself would put it."""
    command = ["git", "log", "-1", "--format=%s"]
    told = subprocess.run(command, cwd=file.checkout, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "no reason given"


def recorded(file: StackFile) -> list[dict[str, Any]]:
    """What this machine has noted of a stack, the oldest first."""
    path = journal(file)
    return [json_module.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def journal(file: StackFile) -> Path:
    """The file beside Pulumi's own that holds what Pulumi does not know, a JSON object a line."""
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    return home / file.project / f"{file.stack}.audit.jsonl"


def _who() -> str:
    return f"{getpass.getuser()}@{socket.gethostname()}"


def _update(update: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of Pulumi's history."""
    facts, message = update.get("environment", {}), update.get("message", "")
    signature = SIGNATURE.search(message)
    changes = {what: count for what, count in (update.get("resourceChanges") or {}).items() if what != "same"}
    counted = ", ".join(f"{count} {what}" for what, count in sorted(changes.items())) or "no changes"
    return {
        "at": update["startTime"].replace(".000Z", "Z"),
        "who": signature["who"] if signature else facts.get("git.author", ""),
        "action": update["kind"],
        "result": update["result"],
        "commit": facts.get("git.head", "")[:10] + ("+" if facts.get("git.dirty") == "true" else ""),
        "detail": f"{SIGNATURE.sub('', message)} ({counted})",
    }
