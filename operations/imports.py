"""`research backup import`: the backups of a stack that is lost, or of another one, in a stack that has none."""

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from operations.audit import noted, record
from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.exit_codes import ExitCode, OperationError
from operations.keeper import PATIENCE_SECONDS, Keeper
from operations.restore_plan import STORES
from operations.running_stack import RunningStack
from operations.shelf import copied

IMPORTED = "imported.json"
"""There from an import until PostgreSQL is restored from it: until then the scheduler backs nothing up.

What the stack itself has by then is empty, and must become neither its newest backup nor the end of its log.
"""


def take_over(
    key_file: Annotated[Path | None, typer.Argument(help="The key, as `research backup key` printed it.")] = None,
    from_stack: Annotated[str, typer.Option(metavar="STACK", help="Another stack on this engine, up or down.")] = "",
    stack: StackName = DEFAULT_STACK,
    json: AsJson = False,
) -> None:
    """Fill the repository of a new stack: with a lost host's, from its copy elsewhere, or with another stack's.

    Refused for a stack that has backups of its stores already.
    """
    if (key_file is None) == (not from_stack):
        raise OperationError(ExitCode.WRONG_USE, "name a file with the key of the copy elsewhere, or --from-stack")
    running = RunningStack.find(stack)
    keeper = Keeper(running)
    refuse_over_backups(keeper, stack)
    with noted(running.file, "backup import", "failed"), keeper.alone("an import", PATIENCE_SECONDS):
        # First: if this is killed, the scheduler leaves alone what is here, and it can be typed again.
        keeper.put(IMPORTED, json_module.dumps({"from": from_stack or "elsewhere"}))
        try:
            if key_file:
                with keeper.anew(key_file.read_text().strip()):
                    keeper.perform("restore-fetch-off-site", {})
            else:
                copied(running, from_stack)
        except BaseException:
            keeper.remove(IMPORTED)
            raise
    found = keeper.listed()
    record(running.file, "backup import", f"{len(found)} parts from {from_stack or 'elsewhere'}")
    told = (
        f"{len(found)} parts of backups are here: `research restore -s {stack}` brings the newest back. "
        "Until then the stack makes no backups of its own"
    )
    print_json({"stack": stack, "backups": found}) if json else console().print(told, soft_wrap=True)


def refuse_over_backups(keeper: Keeper, stack: str) -> None:
    own = {one["backup"] for one in keeper.listed() if one["store"] in STORES}
    if own and not awaits_restore(keeper):
        raise OperationError(
            ExitCode.BROKEN, f"stack {stack} has {len(own)} backups of its own already; nothing was changed"
        )


def refuse_until_restored(keeper: Keeper, stack: str, *, anyway: bool) -> None:
    """Raises OperationError while imported backups wait to be restored, unless they are not to be."""
    if not awaits_restore(keeper):
        return
    if not anyway:
        raise OperationError(
            ExitCode.BROKEN,
            f"{stack} has imported backups and what it has itself is not yet what they hold; nothing was changed. "
            f"Type `research restore -s {stack}` first, or --anyway if they are not to be restored",
        )
    keeper.remove(IMPORTED)


def awaits_restore(keeper: Keeper) -> bool:
    """Whether there are imported backups that PostgreSQL was not restored from yet."""
    return keeper.read(IMPORTED) is not None


def settle(keeper: Keeper) -> None:
    """What the stack has is what its backups hold now: its own log follows, which is another server's."""
    keeper.perform("backup-base", {})
    keeper.remove(IMPORTED)
