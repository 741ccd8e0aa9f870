"""The stacks dev and prod, which `pulumi preview` and `pulumi up --stack prod` expect to exist."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stacks.passphrase import passphrase_is_known
from toolchain.command import Command, StepError
from toolchain.machine import checkout
from toolchain.pulumi_cli import command
from toolchain.step import Say

STACKS = ("dev", "prod")
SELECTED = "dev"
ADVICE = (
    "The stack's configuration was encrypted with another passphrase, or the backend does not answer.\n"
    "Unset PULUMI_CONFIG_PASSPHRASE and PULUMI_CONFIG_PASSPHRASE_FILE to use the evaluation passphrase,\n"
    "or set one of them to your own; PULUMI_BACKEND_URL chooses the backend."
)


class EvaluationStacks:
    """Initialises the stacks that are missing; one that exists is never touched."""

    name = "stacks"

    def present(self) -> str | None:
        """Return the stacks when all exist and one is selected; who has their own passphrase makes their own stacks."""
        if not passphrase_is_known(checkout(), SELECTED, os.environ):
            return "as they are: the passphrase is one of your own"
        stacks = self._existing()
        if any(name not in stacks for name in STACKS) or not any(stacks.values()):
            return None
        return " ".join(STACKS)

    def install(self, say: Say) -> str:
        """Initialise what is missing, and select a stack where none is."""
        say("initialising")
        check_passphrase(os.environ)
        stacks = self._existing()
        for name in STACKS:
            if name not in stacks:
                self._pulumi("stack", "init", name, "--no-select")
        if not any(stacks.values()):
            self._pulumi("stack", "select", SELECTED)
        return " ".join(STACKS)

    def _existing(self) -> dict[str, bool]:
        """Return whether each stack is the selected one."""
        listed: list[dict[str, Any]] = json.loads(self._pulumi("stack", "ls", "--json"))
        return {stack["name"].rpartition("/")[2]: stack["current"] for stack in listed}

    @staticmethod
    def _pulumi(*words: str) -> str:
        argv: Sequence[str | Path] = [command(), *words, "--non-interactive"]
        return Command(argv, advice=ADVICE, folder=checkout(), seconds=60).run()


def check_passphrase(environment: Mapping[str, str]) -> None:
    """Raise StepError when there is no passphrase to be had from the environment."""
    if "PULUMI_CONFIG_PASSPHRASE" in environment:
        return
    file = environment.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    if not file:
        raise StepError("no passphrase is set.\nActivate the environment first: `. .venv/bin/activate`.")
    if not Path(file).is_file():
        raise StepError(
            f"PULUMI_CONFIG_PASSPHRASE_FILE names {file}, and there is no such file.\n"
            "Unset it to use the evaluation passphrase, or let it name the file with yours."
        )
