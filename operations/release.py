"""`research release`: a deploy, a look at it by the public address, and the images before when that is in vain."""

import subprocess
import sys
import time

from docker.errors import DockerException
from requests import RequestException
from rich.markup import escape

from operations.command_line import DEFAULT_STACK, StackName, aside
from operations.deploy import Order, Reason, Wait, alone, carried_out
from operations.exit_codes import MENDABLE, ExitCode, OperationError, explained
from operations.good_images import GoodImages, Images
from operations.rollback import refuse_over_own
from operations.running_stack import RunningStack

TESTS = ("test_website.py", "test_search.py", "test_focus_group.py")
"""What of the smoke tests asks by the public address alone and stops nothing."""
PAUSES_SECONDS = (1, 5, 20)


def release(stack: StackName = DEFAULT_STACK, reason: Reason = "", wait: Wait = 0) -> None:
    """Deploy without asking, test by the public address, and roll back what does not work; for CI.

    Exit code 0 when the new version passes. Otherwise 1, and API and frontend run the images of before, if they had
    been changed: what the plan or the policy refuses changes nothing.
    """
    running = RunningStack.find(stack)
    # Nobody else deploys before the tests have passed: what they judge, and what is taken back, is this release.
    with alone(running, Order(reason, yes=True, wait_seconds=wait)) as order:
        before = now(running) if running.is_up else {}
        try:
            carried_out(running, order)
            tested(running)
        except MENDABLE as error:
            failure = explained(error)
            if not before or (failed := now(running)) == before:
                raise failure from None
            aside().print(f"[red]{escape(str(failure))}[/]\nrolling back", soft_wrap=True)
            taken_back(running, before)
            GoodImages(running).forget_set(failed)
            raise OperationError(
                ExitCode.BROKEN, f"the new version does not work, the images of before serve again. {failure}"
            ) from None


def now(stack: RunningStack) -> Images:
    """The images that run now; an engine that does not answer is asked again for a while."""
    for pause in PAUSES_SECONDS:
        try:
            return GoodImages(stack).running()
        except (DockerException, RequestException):
            time.sleep(pause)
    return GoodImages(stack).running()


def taken_back(stack: RunningStack, before: Images) -> None:
    """Pin what ran before and deploy that: it need not be among the images that a rollback could choose from."""
    refuse_over_own(stack, before)
    carried_out(stack, Order("rollback to what ran before the release", yes=True, pins={**before}))


def tested(stack: RunningStack) -> None:
    """Use the stack as people do. Raises OperationError when something is not as they expect it."""
    files = [f"smoke_tests/{name}" for name in TESTS]
    command = [sys.executable, "-m", "pytest", "-q", *files, "--stack", stack.name]
    if subprocess.run(command, cwd=stack.file.checkout, check=False, stdout=sys.stderr).returncode != 0:
        raise OperationError(ExitCode.BROKEN, f"stack {stack.name} does not pass its smoke tests, which are above")
