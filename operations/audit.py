"""`research audit`: who changed a stack, when and why."""

import getpass
import json as json_module
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.pulumi_cli import Pulumi
from operations.stack_file import StackFile

COLUMNS = ("at", "who", "action", "result", "commit", "detail")


def audit(
    stack: StackName = DEFAULT_STACK,
    json: AsJson = False,
    last: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 20,
) -> None:
    """Show who did what to a stack: every update from Pulumi's history, and what Pulumi does not know of.

    The history is that of the state's backend, of a plain `pulumi up` too; maintenance, unlocking and removed data are
    known on the machine that did it.
    """
    file = StackFile(stack)
    file.must_exist()
    history = json_module.loads(
        Pulumi(stack, file.checkout).answer("stack", "history", "--json", "--page-size", str(last))
    )
    entries = sorted([*map(_update, history or []), *_recorded(file)], key=lambda entry: entry["at"])[-last:]
    if json:
        print_json(entries)
        return
    table = Table(*COLUMNS, box=None, pad_edge=False, header_style="bold")
    for entry in entries:
        table.add_row(*(str(entry[column]) for column in COLUMNS))
    console().print(table)


def record(file: StackFile, action: str, detail: str = "") -> None:
    """Note what Pulumi's history does not: appended to a file beside Pulumi's own."""
    entry = {"at": _now(), "who": getpass.getuser(), "action": action, "result": "done", "commit": "", "detail": detail}
    path = _journal(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as journal:
        journal.write(json_module.dumps(entry) + "\n")


def _recorded(file: StackFile) -> list[dict[str, Any]]:
    path = _journal(file)
    return [json_module.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _journal(file: StackFile) -> Path:
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    return home / file.project / f"{file.stack}.audit.jsonl"


def _update(update: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of Pulumi's history; who is the author of the commit that was deployed, as Pulumi knows nobody else."""
    facts = update.get("environment", {})
    changes = {what: count for what, count in (update.get("resourceChanges") or {}).items() if what != "same"}
    counted = ", ".join(f"{count} {what}" for what, count in sorted(changes.items())) or "no changes"
    return {
        "at": update["startTime"].replace(".000Z", "Z"),
        "who": facts.get("git.author", ""),
        "action": update["kind"],
        "result": update["result"],
        "commit": facts.get("git.head", "")[:10] + ("+" if facts.get("git.dirty") == "true" else ""),
        "detail": f"{update.get('message', '')} ({counted})",
    }


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
