"""`research release`: a deploy, a look at it by the public address, and the images before when that is in vain."""

import subprocess
import sys

from operations.command_line import DEFAULT_STACK, StackName, aside
from operations.deploy import Order, Reason, Wait, deployed
from operations.exit_codes import ExitCode, OperationError
from operations.good_images import GoodImages, Images
from operations.rollback import refuse_over_own
from operations.running_stack import RunningStack

TESTS = ("test_website.py", "test_search.py", "test_focus_group.py")
"""What of the smoke tests asks by the public address alone and stops nothing."""


def release(stack: StackName = DEFAULT_STACK, reason: Reason = "", wait: Wait = 0) -> None:
    """Deploy without asking, test by the public address, and roll back what does not work; for CI.

    Exit code 0 when the new version passes. Otherwise 1, and API and frontend run the images of before, if they had
    been changed: what the plan or the policy refuses changes nothing.
    """
    running = RunningStack.find(stack)
    good = GoodImages(running)
    before = good.running() if running.is_up else {}
    try:
        deployed(running, Order(reason, yes=True, wait_seconds=wait))
        tested(running)
    except OperationError as failure:
        if not before or (failed := good.running()) == before:
            raise
        aside().print(f"[red]{failure}[/]\nrolling back", soft_wrap=True)
        taken_back(running, before, wait)
        good.forget_set(failed)
        raise OperationError(
            ExitCode.BROKEN, f"the new version does not work, the images of before serve again. {failure}"
        ) from None


def taken_back(stack: RunningStack, before: Images, wait: float) -> None:
    """Pin what ran before and deploy that: it need not be among the images that a rollback could choose from."""
    refuse_over_own(stack, before)
    deployed(stack, Order("rollback to what ran before the release", yes=True, wait_seconds=wait, pins={**before}))


def tested(stack: RunningStack) -> None:
    """Use the stack as people do. Raises OperationError when something is not as they expect it."""
    files = [f"smoke_tests/{name}" for name in TESTS]
    command = [sys.executable, "-m", "pytest", "-q", *files, "--stack", stack.name]
    if subprocess.run(command, cwd=stack.file.checkout, check=False, stdout=sys.stderr).returncode != 0:
        raise OperationError(ExitCode.BROKEN, f"stack {stack.name} does not pass its smoke tests, which are above")
