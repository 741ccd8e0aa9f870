"""`research unlock`: take away the lock of a deploy that died out of sight."""

from rich.markup import escape

from operations.audit import record
from operations.command_line import DEFAULT_STACK, AsJson, StackName, console, print_json
from operations.confirmation import Confirm, confirm_by_name
from operations.deploy_lock import DeployLock
from operations.running_stack import RunningStack


def unlock(stack: StackName = DEFAULT_STACK, confirm: Confirm = "", json: AsJson = False) -> None:
    """Take away the lock of a deploy that died out of sight; asks for the stack's name, or takes --confirm."""
    running = RunningStack.find(stack)
    lock = DeployLock(running.engine, running.file.project, stack)
    holder = lock.holder()
    told = f"stack {stack} is not locked"
    if holder:
        held = f"held by {holder.facts['user']} on {holder.facts['host']} since {holder.facts['since']}"
        confirm_by_name(stack, confirm, f"The lock is {held}.")
        lock.take_from(holder)
        record(running.file, "unlock", held)
        told = f"stack {stack} is unlocked; it was {held}"
    if json:
        print_json({"stack": stack, "unlocked": bool(holder), "holder": holder and dict(holder.facts)})
    else:
        console().print(escape(told))
