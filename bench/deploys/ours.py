"""Our side: a throw-away stack of this project."""

from pathlib import Path
from typing import Any

import yaml
from docker.models.containers import Container

from bench.deploys.source import Source
from rehearsal.project import Project, Result

# Nothing asks this model: a stack that holds no focus group never calls it.
MODEL_URL = "http://127.0.0.1:9/v1"
LLM = "market-research:llm"
SERVICES = "market-research:services"
APPROVED = ("--yes", "--skip-preview")
EDGE = "edge"


class Ours:
    """The stack as `pulumi` deploys it."""

    name = "pulumi"

    def __init__(self, folder: Path, stack: str) -> None:
        self.project = Project(folder, stack)
        self.project.prepare()
        self.source = Source(self.project.folder)
        self.project.get_an_edge()
        self.set_value("as it was")

    @property
    def port(self) -> int:
        """Where the edge is published."""
        return int(self._file()["config"][SERVICES][EDGE]["port"])

    def up(self) -> Result:
        """`pulumi up`, its modules compiled as in a checkout that is in use."""
        return self.project.pulumi("up", *APPROVED, "--suppress-outputs", PYTHONDONTWRITEBYTECODE="")

    def up_alone(self) -> Result:
        """`pulumi up` runs a job again only when it has changed or failed."""
        return self.up()

    def set_value(self, value: str) -> None:
        """Change the name of a model, which reaches the API in its environment."""
        content = self._file()
        content["config"][LLM] = {"url": MODEL_URL, "model": value}
        self.project.file.write_text(yaml.safe_dump(content))

    def down(self) -> Result:
        """`pulumi destroy`, which keeps the data volumes."""
        return self.project.pulumi("destroy", *APPROVED)

    def forget(self) -> None:
        """Remove the data volumes."""
        for volume in self.project.docker.volumes.list(filters=self.project.labels):
            volume.remove()

    def clean(self) -> None:
        """Remove containers, data, images and state."""
        self.project.clean()

    def containers(self, service: str) -> list[Container]:
        """The running containers of a service."""
        found: list[Container] = self.project.docker.containers.list(filters=self.project.labels)
        return [one for one in found if one.labels["pulumi.service"] == service]

    def _file(self) -> Any:
        return yaml.safe_load(self.project.file.read_text())
