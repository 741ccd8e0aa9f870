"""`research data remove`: the one command that removes data."""

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
from operations.stack_file import StackFile

data = typer.Typer(no_args_is_help=True, help="The data volumes of a stack.")


@data.callback()
def volumes() -> None:
    """The data volumes of a stack."""


@data.command()
def remove(stack: StackName = DEFAULT_STACK, confirm: Confirm = "", json: AsJson = False) -> None:
    """Remove the data volumes of a stack that is down: everything that people made. Asks for the stack's name."""
    file, engine = StackFile(stack), connected()
    if engine.containers(file.labels):
        raise OperationError(
            ExitCode.BROKEN, f"stack {stack} is up: `pulumi destroy --stack {stack}` first; nothing was removed"
        )
    found = sizes(engine, file.labels, f"{file.project}-{stack}-")
    out = aside() if json else console()
    if not found:
        out.print(f"stack {stack} has no data on this engine")
        if json:
            print_json({"stack": stack, "removed_mb": {}})
        return
    for name, mb in found.items():
        out.print(f"{name}  {mb:.1f} MB")
    confirm_by_name(stack, confirm, "This removes them for ever.")
    with DeployLock(engine, file.project, stack).held("data remove", wait_seconds=0, out=out):
        for name, mb in found.items():
            _remove(engine, name)
            record(file, "data remove", f"{name} ({mb:.1f} MB)")
        GoodImages(RunningStack(file, engine)).forget()
    out.print(f"removed {len(found)} volumes of stack {stack}")
    if json:
        print_json({"stack": stack, "removed_mb": found})


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
