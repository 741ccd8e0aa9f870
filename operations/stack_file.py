"""The files of this checkout that say what a stack is: Pulumi.yaml and Pulumi.<stack>.yaml."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from infra.ownership import stack_labels
from operations.exit_codes import ExitCode, OperationError
from stacks.settings import SettingsError, StackSettings, load_settings

CHECKOUT = Path(__file__).resolve().parents[1]


class StackFile:
    """Pulumi.<stack>.yaml as it is on disk, which need not be what runs."""

    def __init__(self, stack: str, checkout: Path = CHECKOUT) -> None:
        self.stack = stack
        self.checkout = checkout
        self.path = checkout / f"Pulumi.{stack}.yaml"

    @cached_property
    def project(self) -> str:
        """The project's name, the first of the labels that its containers carry."""
        return str(_mapping(self.checkout / "Pulumi.yaml")["name"])

    @property
    def labels(self) -> dict[str, str]:
        """What tells the stack's containers and volumes from all others."""
        return stack_labels(self.project, self.stack)

    def must_exist(self) -> None:
        """Raise OperationError when there is no such file."""
        if not self.path.exists():
            known = sorted(path.name.split(".")[1] for path in self.checkout.glob("Pulumi.*.yaml"))
            raise OperationError(
                ExitCode.NOT_THERE, f"{self.path.name}: no such file; there are stacks {', '.join(known)}"
            )

    @cached_property
    def config(self) -> dict[str, Any]:
        """The keys of the file as they are written. Raises OperationError when it cannot be read."""
        self.must_exist()
        return dict(_mapping(self.path).get("config") or {})

    @cached_property
    def settings(self) -> StackSettings:
        """What the file chooses. Raises SettingsError with every mistake, OperationError without a file."""
        values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in self.config.items()}
        return load_settings(values, project=self.project, stack=self.stack)

    @property
    def replicas(self) -> dict[str, int]:
        """How many containers the file wants of each service; nothing when it cannot be read."""
        try:
            services = self.settings.services
        except (OperationError, SettingsError):
            return {}
        return {name: chosen.replicas for name, chosen in services.items()}


def _mapping(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise OperationError(ExitCode.BROKEN, f"{path.name}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise OperationError(ExitCode.BROKEN, f"{path.name}: not a mapping of keys to values")
    return content
