"""`research rollback`: back to the images that were last seen to work."""

from collections.abc import Iterable
from typing import Annotated

import typer

from operations.command_line import DEFAULT_STACK, AsJson, StackName, print_json
from operations.confirmation import Yes, must_be_somebody
from operations.deploy import Order, Wait, deployed
from operations.exit_codes import ExitCode, OperationError
from operations.good_images import ROLLED_BACK, GoodImages
from operations.pins import own_images, pins
from operations.running_stack import RunningStack

To = Annotated[str, typer.Option("--to", metavar="TIME", help="The time in a tag, not the last one before.")]
Off = Annotated[bool, typer.Option("--off", help="Take the pins out again, and deploy what this checkout says.")]


def rollback(
    stack: StackName = DEFAULT_STACK,
    to: To = "",
    off: Off = False,
    yes: Yes = False,
    wait: Wait = 0,
    json: AsJson = False,
) -> None:
    """Put API and frontend back to the images of the deploy before; never a database, never the edge.

    Pins them as `image` in Pulumi.<stack>.yaml, where everybody sees it, and deploys that; `--off` takes the pins out.
    Migrations only ever add to the schema, so that an older version works with a newer one.
    """
    must_be_somebody(yes)
    running = RunningStack.find(stack)
    good = GoodImages(running)
    time = "" if off else chosen(good, stack, to)
    images = dict.fromkeys(_pinned(running)) if off else dict(good.sets()[time])
    refuse_over_own(running, images)
    reason = f"end of the rollback of {', '.join(images)}" if off else f"rollback to {time}"
    done = deployed(running, Order(reason, yes, wait, images, json))
    if not off:
        good.forget_after(time)
    if json:
        print_json(done)


def chosen(good: GoodImages, stack: str, wanted: str) -> str:
    """The time of the images to go back to. Raises OperationError without any."""
    times = list(good.sets())
    time = wanted.rpartition("-good-")[2] or good.before()
    if wanted and time not in times:
        known = ", ".join(times) or "none"
        raise OperationError(
            ExitCode.WRONG_USE, f"--to {wanted}: stack {stack} keeps no such images; there are {known}"
        )
    if time is None:
        raise OperationError(
            ExitCode.BROKEN,
            f"stack {stack} has no earlier images that were seen to work; nothing was changed. They are kept by "
            "`research deploy`: what runs healthy before the first one, then what each was seen to work with. Take the "
            "change back in git and deploy that",
        )
    return time


def refuse_over_own(stack: RunningStack, services: Iterable[str]) -> None:
    own = own_images(stack.file)
    for service in services:
        if service in own:
            raise OperationError(
                ExitCode.BROKEN,
                f"{stack.file.path.name}: services.{service}.image is {own[service]}, which somebody chose: a "
                "rollback does not replace it. Choose an earlier one and deploy, or take it out; nothing was changed",
            )


def _pinned(stack: RunningStack) -> list[str]:
    found = [service for service in pins(stack.file) if service in ROLLED_BACK]
    if not found:
        raise OperationError(
            ExitCode.BROKEN, f"{stack.file.path.name} pins no image of {' or '.join(ROLLED_BACK)}; nothing was changed"
        )
    return found
