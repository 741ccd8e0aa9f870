"""The other side: the same stack as a compose project."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import docker
import yaml
from docker.models.containers import Container

from bench.deploys.blueprint import Blueprint
from bench.deploys.source import Source
from rehearsal.project import Result, free_port

VALUE = "LLM_MODEL"
WAIT_SECONDS = 180


class Compose:
    """The stack as `docker compose` deploys it, from the blueprint of ours."""

    name = "docker compose"

    def __init__(self, program: Path, folder: Path, project: str, blueprint: Blueprint) -> None:
        self.program = program
        self.folder = folder
        self.project = project
        self.port = free_port()
        self.source = Source.copied(blueprint.folder, folder)
        self.file = folder / "compose.yaml"
        self.file.write_text(yaml.safe_dump(blueprint.compose_file(project, folder, self.port), sort_keys=False))
        self.engine = docker.from_env()

    def build(self) -> Result:
        """Build the images."""
        return self._compose("build")

    def up(self) -> Result:
        """`docker compose up`, which builds what has changed and waits for health as ours does."""
        return self._compose("up", "-d", "--build", "--wait", "--wait-timeout", str(WAIT_SECONDS))

    def up_alone(self) -> Result:
        """The same for the services alone: `docker compose up` runs a job that has ended each time."""
        services = [name for name, one in self._file()["services"].items() if "build" in one]
        return self._compose("up", "-d", "--build", "--wait", "--no-deps", *services)

    def set_value(self, value: str) -> None:
        """Change the name of a model in the API's environment."""
        content = self._file()
        variables = content["services"]["api"]["environment"]
        kept = [one for one in variables if not one.startswith(f"{VALUE}=")]
        content["services"]["api"]["environment"] = [*kept, f"{VALUE}={value}"]
        self.file.write_text(yaml.safe_dump(content, sort_keys=False))

    def down(self) -> Result:
        """`docker compose down`, which keeps the data volumes."""
        return self._compose("down")

    def forget(self) -> None:
        """Remove the data volumes."""
        self._compose("down", "--volumes")

    def clean(self) -> None:
        """Remove containers, data, images and files, the secrets among them."""
        self._compose("down", "--volumes", "--rmi", "all", "--remove-orphans")
        shutil.rmtree(self.folder)

    def containers(self, service: str) -> list[Container]:
        """The running containers of a service."""
        labels = [f"com.docker.compose.project={self.project}", f"com.docker.compose.service={service}"]
        found: list[Container] = self.engine.containers.list(filters={"label": labels})
        return found

    def _file(self) -> dict[str, dict[str, dict[str, list[str]]]]:
        content: dict[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(self.file.read_text())
        return content

    def _compose(self, *words: str) -> Result:
        begun = time.monotonic()
        done = subprocess.run(
            [self.program, "--progress", "plain", "--file", self.file, *words],
            cwd=self.folder,
            env={**os.environ, "COMPOSE_MENU": "false"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=2 * WAIT_SECONDS,
            check=False,
        )
        return Result(done.returncode, done.stdout, time.monotonic() - begun)
