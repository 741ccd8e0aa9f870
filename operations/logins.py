"""Who may log in to a stack's stores: what Pulumi's state has, and whom the stores let in. Nothing here is printed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.logins import SLOTS
from infra.services.api import Api
from operations.exit_codes import ExitCode, OperationError
from operations.pulumi_cli import Pulumi
from operations.running_stack import RunningStack
from operations.sessions import given

KIND = "random:index/randomPassword:RandomPassword"
USERS = {"superuser": "postgres"}
"""Those that have one password, by what it is for."""
PROGRAM = ("python", "-m", "market_research.let_in")


@dataclass(frozen=True)
class Login:
    """A user of a store, and the password."""

    store: str
    user: str
    password: str = field(repr=False)

    @property
    def name(self) -> tuple[str, str]:
        """Whose password it is."""
        return self.store, self.user


def known(pulumi: Pulumi, stores: Sequence[str]) -> list[Login]:
    """Every login of these stores, as Pulumi's state has it."""
    state = json.loads(pulumi.answer("stack", "export", "--show-secrets"))
    resources = [one for one in state["deployment"]["resources"] if one["type"] == KIND and not one.get("delete")]
    found = []
    for resource in resources:
        store, _, purpose = resource["urn"].rpartition("::")[2].partition("-")
        if store in stores:
            found.append(Login(store, _user(purpose), _clear(resource["outputs"]["result"])))
    return found


def let_in(stack: RunningStack, logins: Sequence[Login]) -> list[bool]:
    """Whom of these the stores let in, asked over the stack's network. Raises OperationError when one does not answer.

    The passwords go in by standard input.
    """
    asked = json.dumps([[one.store, one.user, one.password] for one in logins])
    done = given(stack.running(Api.name).id, PROGRAM, asked)
    if done.returncode != 0:
        raise OperationError(
            ExitCode.BROKEN,
            f"the stores could not be asked whom they let in: {done.stderr.strip()[-300:]}. "
            f"Type `research status -s {stack.name}`",
        )
    answers: list[bool] = json.loads(done.stdout)
    return answers


def _user(purpose: str) -> str:
    client, _, slot = purpose.rpartition("-")
    return f"{client}_{slot}" if slot in SLOTS else USERS[purpose]


def _clear(value: Any) -> str:
    """What a secret of an export says."""
    return str(json.loads(value["plaintext"])) if isinstance(value, dict) else str(value)
