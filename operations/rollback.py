"""`research rollback`: back to the images that were last seen to work."""

from typing import Annotated

import typer

from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.deploy import Wait, Yes, deployed
from operations.exit_codes import ExitCode, OperationError
from operations.good_images import ROLLED_BACK, GoodImages
from operations.pulumi_cli import Pulumi
from operations.running_stack import RunningStack


def rollback(
    stack: StackName = DEFAULT_STACK,
    off: Annotated[
        bool, typer.Option("--off", help="Take the pins out again, and deploy what this checkout says.")
    ] = False,
    yes: Yes = False,
    wait: Wait = 0,
    json: AsJson = False,
) -> None:
    """Put API and frontend back to the images of the deploy before, never a database.

    Pins them as `image` in Pulumi.<stack>.yaml, where everybody sees it, and deploys that; `--off` takes the pins out.
    Migrations only ever add, so that the version before works with the newer schema.
    """
    running = RunningStack.find(stack)
    pulumi = Pulumi(stack, running.file.checkout)
    reason = _unpinned(running, pulumi) if off else _pinned(running, pulumi)
    summary = deployed(RunningStack.find(stack), reason, yes, wait)
    if not off:
        console().print(f"Pinned in {running.file.path.name}; once mended: `research rollback --off -s {stack}`")
    if json:
        print_json(summary)


def _pinned(stack: RunningStack, pulumi: Pulumi) -> str:
    good = GoodImages(stack)
    before = {service: tag for service in ROLLED_BACK if (tag := good.before(service))}
    if not before:
        raise OperationError(
            ExitCode.BROKEN,
            f"stack {stack.name} has no earlier images that were seen to work; nothing was changed. They are kept by "
            "`research deploy`, from the second one on. Take the change back in git and deploy that",
        )
    for service, tag in before.items():
        pulumi.answer("config", "set", "--path", f"services.{service}.image", tag)
    return f"rollback to {', '.join(before.values())}"


def _unpinned(stack: RunningStack, pulumi: Pulumi) -> str:
    services = stack.file.settings.services
    pinned = [service for service in ROLLED_BACK if service in services and services[service].image]
    if not pinned:
        raise OperationError(ExitCode.BROKEN, f"{stack.file.path.name} pins no image; nothing was changed")
    for service in pinned:
        pulumi.answer("config", "rm", "--path", f"services.{service}.image")
    return f"end of the rollback of {', '.join(pinned)}"
