"""`research release`: a deploy, a look at it by the public address, and the images before when that is in vain."""

import subprocess
import sys

from operations.command_line import DEFAULT_STACK, StackName, aside
from operations.deploy import Order, Reason, Wait, deployed
from operations.exit_codes import ExitCode, OperationError
from operations.good_images import GoodImages
from operations.rollback import rollback
from operations.running_stack import RunningStack

TESTS = ("test_website.py", "test_search.py", "test_focus_group.py")
"""What of the smoke tests asks by the public address alone and stops nothing."""


def release(stack: StackName = DEFAULT_STACK, reason: Reason = "", wait: Wait = 0) -> None:
    """Deploy without asking, test by the public address, and roll back what does not work; for CI.

    Exit code 0 when the new version passes. Otherwise 1, and API and frontend run the images of before, if they had
    been changed: what the plan or the policy refuses changes nothing.
    """
    running = RunningStack.find(stack)
    before = GoodImages(running).running() if running.is_up else {}
    try:
        deployed(running, Order(reason, yes=True, wait_seconds=wait))
        tested(running)
    except OperationError as failure:
        if not before or GoodImages(running).running() == before:
            raise
        aside().print(f"[red]{failure}[/]\nrolling back", soft_wrap=True)
        rollback(stack, yes=True, wait=wait)
        raise OperationError(
            ExitCode.BROKEN, f"the new version does not work, the images of before serve again. {failure}"
        ) from None


def tested(stack: RunningStack) -> None:
    """Use the stack as people do. Raises OperationError when something is not as they expect it."""
    files = [f"smoke_tests/{name}" for name in TESTS]
    command = [sys.executable, "-m", "pytest", "-q", *files, "--stack", stack.name]
    if subprocess.run(command, cwd=stack.file.checkout, check=False, stdout=sys.stderr).returncode != 0:
        raise OperationError(ExitCode.BROKEN, f"stack {stack.name} does not pass its smoke tests, which are above")
