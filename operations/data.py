"""`research data remove`: the one command that removes data."""

from typing import Annotated

import typer
from docker.errors import APIError

from infra.engine import MIB, Engine, container_name
from operations.audit import record
from operations.command_line import DEFAULT_STACK, AsJson, StackName, aside, console, print_json
from operations.confirmation import Confirm, confirm_by_name
from operations.deploy_lock import DeployLock
from operations.exit_codes import ExitCode, OperationError
from operations.good_images import GoodImages
from operations.running_stack import RunningStack, connected
from operations.shelf import Shelf
from operations.stack_file import StackFile

WithoutBackup = Annotated[bool, typer.Option("--without-backup", help="Lose what no fresh backup holds.")]
WithBackups = Annotated[bool, typer.Option("--with-backups", help="The backups and their key, too.")]

data = typer.Typer(no_args_is_help=True, help="The data volumes of a stack.")


@data.callback()
def volumes() -> None:
    """The data volumes of a stack."""


@data.command()
def remove(
    stack: StackName = DEFAULT_STACK,
    confirm: Confirm = "",
    without_backup: WithoutBackup = False,
    with_backups: WithBackups = False,
    json: AsJson = False,
) -> None:
    """Remove the data volumes of a stack that is down: everything that people made. Asks for the stack's name.

    Its backups stay, unless told otherwise, and they have to be fresh.
    """
    file, engine = StackFile(stack), connected()
    if engine.containers(file.labels):
        raise OperationError(
            ExitCode.BROKEN, f"stack {stack} is up: `pulumi destroy --stack {stack}` first; nothing was removed"
        )
    shelf = Shelf(engine, file)
    found = {
        name: mb
        for name, mb in sizes(engine, file.labels, f"{file.project}-{stack}-").items()
        if with_backups or not shelf.keeps(name)
    }
    out = aside() if json else console()
    if not found:
        out.print(f"stack {stack} has no data on this engine")
        if json:
            print_json({"stack": stack, "removed_mb": {}})
        return
    for name, mb in found.items():
        out.print(f"{name}  {mb:.1f} MB")
    _refuse_without_backup(shelf, stack, without_backup)
    confirm_by_name(stack, confirm, "This removes them for ever.")
    with DeployLock(engine, file.project, stack).held("data remove", wait_seconds=0, out=out):
        for name, mb in found.items():
            _remove(engine, name)
            record(file, "data remove", f"{name} ({mb:.1f} MB)")
        GoodImages(RunningStack(file, engine)).forget()
    out.print(f"removed {len(found)} volumes of stack {stack}")
    if json:
        print_json({"stack": stack, "removed_mb": found})


def _refuse_without_backup(shelf: Shelf, stack: str, without_backup: bool) -> None:
    missing = "" if without_backup else shelf.missing()
    if missing:
        raise OperationError(
            ExitCode.BROKEN,
            f"there is no fresh backup of {missing}: what came since would be lost. Bring the stack up and make one "
            f"(`research backup run -s {stack}`), or add --without-backup; nothing was removed",
        )


def _remove(engine: Engine, name: str) -> None:
    try:
        engine.client.volumes.get(name).remove()
    except APIError as error:
        users = engine.client.api.containers(all=True, filters={"volume": name})
        by = f"container {', '.join(map(container_name, users))} uses it" if users else str(error.explanation)
        raise OperationError(
            ExitCode.BROKEN,
            f"volume {name} stays: {by}. Remove that, and type this again: those before it are gone",
        ) from None


def sizes(engine: Engine, labels: dict[str, str], prefix: str) -> dict[str, float]:
    """The volumes with these labels and names that start with `prefix`, in MiB."""
    measured = engine.client.df()["Volumes"] or []
    return {
        volume["Name"]: volume["UsageData"]["Size"] / MIB
        for volume in sorted(measured, key=lambda volume: str(volume["Name"]))
        if volume["Name"].startswith(prefix) and labels.items() <= (volume["Labels"] or {}).items()
    }
