"""What `research doctor` looks at: this machine, the engine, and a stack's file."""

import os
from collections.abc import Set
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from infra.admission import listening_at
from infra.engine import Engine, Host, published
from infra.limits import limit_problems
from infra.market_research import SERVICES
from infra.roles import chosen
from operations.exit_codes import OperationError
from operations.pulumi_cli import Pulumi
from operations.running_stack import connected
from operations.stack_file import StackFile
from stacks import engine_address
from stacks.passphrase import passphrase_is_known
from stacks.settings import TLS_CERTIFICATE, SettingsError
from toolchain.command import Command
from toolchain.machine import pulumi_home

COMMAND_SECONDS = 20


class Patient:
    """One stack and everything that it stands on, asked when a check wants to know."""

    def __init__(self, stack: str) -> None:
        self.file = StackFile(stack)

    @cached_property
    def engine(self) -> Engine:
        """The engine. Raises OperationError when none answers."""
        return connected()

    @cached_property
    def engine_problem(self) -> str:
        """Why no engine answers; empty when one does."""
        try:
            self.engine.client.ping()
        except OperationError as error:
            return str(error)
        return ""

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the engine says of itself."""
        return dict(self.engine.client.info())

    @cached_property
    def version(self) -> dict[str, Any]:
        """The versions that the engine says of itself."""
        return dict(self.engine.client.version())

    @property
    def is_local(self) -> bool:
        """Whether the engine is, or would be, one of this machine."""
        return engine_address.is_local(os.environ)

    @cached_property
    def host(self) -> Host:
        """What the engine's host has for this stack."""
        return self.engine.host(self.file.labels, listening_at(self.file.settings))

    @property
    def services(self) -> list[Any]:
        """The classes of the services that the stack's file chooses."""
        return chosen(SERVICES, self.file.settings)

    @staticmethod
    def first_line(*command: str) -> str:
        """The first line that a command prints, empty when it does not work."""
        asked = Command(command, advice="", seconds=COMMAND_SECONDS).outcome()
        return asked.stdout.strip().partition("\n")[0] if asked.returncode == 0 else ""

    @staticmethod
    def has_plugin(name: str, version: str) -> bool:
        """Whether Pulumi has this plugin."""
        return (pulumi_home() / "plugins" / f"resource-{name}-v{version}" / f"pulumi-resource-{name}").exists()

    def clock_difference(self) -> float:
        """Seconds by which the engine's clock is ahead of this machine's."""
        asked = datetime.now(UTC)
        engines = datetime.fromisoformat(self.engine.client.info()["SystemTime"])
        answered = datetime.now(UTC)
        return (engines - asked - (answered - asked) / 2).total_seconds()

    def published_ports(self) -> Set[int]:
        """The host's ports at which Docker itself listens for containers."""
        if self.engine_problem:
            return frozenset()
        return {port for one in self.engine.client.api.containers() for port in published(one)}

    def settings_problems(self) -> list[str]:
        """What is wrong with the stack's file by itself."""
        try:
            return list(limit_problems(self.file.settings, SERVICES, self.file.path.name))
        except SettingsError as error:
            return str(error).splitlines()

    def passphrase_is_known(self) -> bool:
        """Whether everybody who has this repository can read the stack's secrets."""
        return passphrase_is_known(self.file.checkout, self.file.stack, os.environ)

    def passphrase_problem(self) -> str:
        """Why the stack's secrets cannot be read with the passphrase at hand."""
        return Pulumi(self.file.stack, self.file.checkout).passphrase_problem()

    @property
    def has_own_certificate(self) -> bool:
        """Whether the stack's file holds the certificate, which else the edge's own CA makes."""
        return f"{self.file.project}:{TLS_CERTIFICATE}" in self.file.config

    def https_address(self) -> tuple[str, int, str] | None:
        """Address and port at which the stack is to speak TLS, and the name that people open; None when it is not."""
        edge, reached = self.file.settings.edge, self.file.settings.reached_address
        if not (edge and edge.https_port):
            return None
        return reached, edge.https_port, self.file.settings.hostname
