"""What Pulumi's state says about a stack: its name and its outputs."""

import json
import os
import subprocess
from pathlib import Path

from stacks.outputs import StackOutputs

CHECKOUT = Path(__file__).resolve().parents[1]
DEFAULT = "dev"
TIMEOUT_SECONDS = 60


class NotUpError(Exception):
    """There is no running stack to test; the message is one sentence and says what to type."""


def selected_stack() -> str:
    """The stack that `pulumi stack select` chose, else the default."""
    answer = _pulumi("stack", "--show-name")
    return answer.stdout.strip() if answer.returncode == 0 else DEFAULT


def exported(stack: str, *options: str) -> str:
    """The stack's outputs as JSON text. Raises NotUpError when Pulumi does not give them."""
    answer = _pulumi("stack", "output", "--json", "--stack", stack, *options)
    if answer.returncode == 0:
        return answer.stdout
    complaint = (answer.stderr.strip() or "no reason given").splitlines()[-1].removeprefix("error: ")
    if complaint.startswith("no stack named"):
        raise NotUpError(
            f"{complaint}: `pulumi stack ls` lists those there are, `make up STACK={DEFAULT}` brings one up"
        )
    raise NotUpError(f"stack {stack} cannot be read: {complaint} (`pulumi stack output --stack {stack}`)")


def state(stack: str) -> str:
    """The stack's state as its backend has it, secrets encrypted. Raises NotUpError when Pulumi does not give it."""
    return _told("stack", "export", "--stack", stack)


def passwords(stack: str) -> set[str]:
    """What was made up at random for the stack, wherever it is used. Raises NotUpError when Pulumi does not give it."""
    resources = json.loads(_told("stack", "export", "--show-secrets", "--stack", stack))["deployment"]["resources"]
    made_up = [one for one in resources if one["type"] == "random:index/randomPassword:RandomPassword"]
    return {json.loads(one["outputs"]["result"]["plaintext"]) for one in made_up}


def backend() -> str:
    """The address of the backend that keeps states. Raises NotUpError when Pulumi does not say."""
    return str(json.loads(_told("whoami", "--verbose", "--json"))["url"])


def _told(*arguments: str) -> str:
    answer = _pulumi(*arguments)
    if answer.returncode != 0:
        raise NotUpError(f"`pulumi {' '.join(arguments)}` failed: {answer.stderr.strip()}")
    return answer.stdout


def outputs(stack: str) -> StackOutputs:
    """What the stack promises. Raises NotUpError when that is nothing, or not what this checkout expects."""
    text = exported(stack)
    if not json.loads(text):
        raise NotUpError(f"stack {stack} is not up: type `pulumi up --stack {stack}` first")
    try:
        return StackOutputs.model_validate_json(text)
    except ValueError as error:
        mistakes = "; ".join(" ".join(line.split()) for line in str(error).splitlines()[1:3])
        raise NotUpError(
            f"stack {stack} was not brought up by this checkout ({mistakes}): type `pulumi up --stack {stack}`"
        ) from None


def _pulumi(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["pulumi", "--non-interactive", *arguments]
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        return subprocess.run(
            command,
            cwd=CHECKOUT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise NotUpError("pulumi is not on PATH: type `make up` once, then `source .venv/bin/activate`") from None
    except subprocess.TimeoutExpired:
        raise NotUpError(f"`{' '.join(command)}` gave no answer within {TIMEOUT_SECONDS} s") from None
