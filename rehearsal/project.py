"""A copy of the checkout with a stack, a state and ports of its own, so that a rehearsal touches nothing else."""

import os
import random
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import docker
import yaml
from docker.errors import NotFound

from operations.audit import journal
from operations.stack_file import StackFile
from smoke_tests.deployment import Deployment
from stacks.outputs import StackOutputs

CHECKOUT = Path(__file__).resolve().parents[1]
TIMEOUT_SECONDS = 1500


@dataclass(frozen=True)
class Result:
    """How a command ended: exit code, everything it printed, and seconds."""

    code: int
    text: str
    seconds: float


class Project:
    """The copy in `folder`, with the stack `stack`; nothing of it is left after `clean`."""

    def __init__(self, folder: Path, stack: str) -> None:
        self.folder = folder / "checkout"
        self.state = folder / "state"
        self.stack = stack
        self.file = self.folder / f"Pulumi.{stack}.yaml"
        self.docker = docker.from_env()
        self.labels: dict[str, str | list[str] | bool] = {
            "label": ["pulumi.project=market-research", f"pulumi.stack={stack}"]
        }

    @contextmanager
    def prepared(self) -> Iterator[Self]:
        """The copy with its stack made and not up; nothing is left of it afterwards."""
        self.prepare()
        try:
            yield self
        finally:
            self.clean()

    def prepare(self) -> None:
        """Copy the files that git knows or would take, choose free ports, and make the stack."""
        listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listing, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
        for name in filter(None, names.split("\0")):
            if (CHECKOUT / name).exists():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(CHECKOUT / name, self.folder / name, follow_symlinks=False)
        (self.folder / ".venv").symlink_to(CHECKOUT / ".venv")
        self.file.write_text(self.first_settings())
        self.choose("frontend", port=free_port())
        self.state.mkdir()
        made = self.pulumi("stack", "init", self.stack)
        assert made.code == 0, made.text

    def first_settings(self) -> str:
        """What the stack's file says at first: as dev's."""
        return (self.folder / "Pulumi.dev.yaml").read_text()

    def pulumi(self, *arguments: str, **environment: str) -> Result:
        """Run pulumi in the copy, with the copy's modules before the checkout's."""
        stack = [] if arguments[:2] == ("stack", "init") else ["--stack", self.stack]
        return self.run("pulumi", "--non-interactive", *arguments, *stack, **environment)

    def run(self, *command: str, **environment: str) -> Result:
        """Run a command in the copy; its two outputs arrive as one text."""
        begun = time.monotonic()
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        return Result(done.returncode, done.stdout, time.monotonic() - begun)

    @property
    def environment(self) -> dict[str, str]:
        """What tells Pulumi and Python to stay within the copy."""
        return {
            "PULUMI_BACKEND_URL": f"file://{self.state}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.folder / "stacks" / "evaluation.passphrase"),
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def up(self, *arguments: str) -> Result:
        """Bring the stack to what the copy says."""
        return self.pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", *arguments)

    def outputs(self) -> StackOutputs:
        """What the stack promises at the moment."""
        return StackOutputs.model_validate_json(self.pulumi("stack", "output", "--json").text)

    def deployment(self) -> Deployment:
        """The running stack as the smoke tests see it."""
        return Deployment(self.stack, self.outputs(), self.docker)

    def containers(self) -> dict[str, str]:
        """IDs of the stack's running containers by service."""
        found = self.docker.containers.list(filters=self.labels)
        return {one.labels["pulumi.service"]: str(one.id) for one in found}

    def choose(self, service: str, **settings: Any) -> None:
        """Change settings of a service in the stack's file."""
        content = yaml.safe_load(self.file.read_text())
        content["config"]["market-research:services"].setdefault(service, {}).update(settings)
        self.file.write_text(yaml.safe_dump(content))

    def drop(self, service: str) -> None:
        """Take a service's settings out of the stack's file."""
        content = yaml.safe_load(self.file.read_text())
        content["config"]["market-research:services"].pop(service, None)
        self.file.write_text(yaml.safe_dump(content))

    def set(self, key: str, value: Any) -> None:
        """Set a key of the stack's file, or take it out (None)."""
        content = yaml.safe_load(self.file.read_text())
        content["config"].pop(f"market-research:{key}", None)
        if value is not None:
            content["config"][f"market-research:{key}"] = value
        self.file.write_text(yaml.safe_dump(content))

    def get_an_edge(self, **settings: Any) -> None:
        """Put an edge with these settings on the frontend's port, in the stack's file."""
        content = yaml.safe_load(self.file.read_text())
        services = content["config"]["market-research:services"]
        services["edge"] = {"cpus": 0.5, "memory_mb": 128, "port": services["frontend"].pop("port")}
        content["config"]["market-research:edge"] = settings
        self.file.write_text(yaml.safe_dump(content))

    def status(self, path: str) -> int:
        """The status with which the public address answers; 0 when nothing does."""
        try:
            with urllib.request.urlopen(self.outputs().url + path, timeout=5) as answer:
                return int(answer.status)
        except OSError as error:
            return int(getattr(error, "code", 0))

    @contextmanager
    def changed(self, file: str, changes: Mapping[str, str]) -> Iterator[None]:
        """Replace texts in a file of the copy, and put it back afterwards."""
        path = self.folder / file
        before = path.read_text()
        after = before
        for old, new in changes.items():
            assert old in after, f"{file} no longer says {old!r}"
            after = after.replace(old, new, 1)
        path.write_text(after)
        try:
            yield
        finally:
            path.write_text(before)

    def clean(self) -> None:
        """Remove the stack with its data, and whatever a failed test left."""
        self.pulumi("destroy", "--yes", "--skip-preview")
        for container in self.docker.containers.list(all=True, filters=self.labels):
            container.remove(force=True, v=True)
        for network in self.docker.networks.list(filters=self.labels):
            network.remove()
        for volume in self.docker.volumes.list(filters=self.labels):
            volume.remove()
        for tag in [tag for image in self.docker.images.list(name="market-research/*") for tag in image.tags]:
            if tag.endswith(f":{self.stack}") or f":{self.stack}-good-" in tag:
                self.docker.images.remove(tag, force=True)  # others may run an image of the same contents
        with suppress(NotFound):
            self.docker.containers.get(f"market-research-{self.stack}-deploy-lock").remove()
        journal(StackFile(self.stack, self.folder)).unlink(missing_ok=True)


def free_port() -> int:
    """A port of this machine's own address on which nothing listens.

    Below those that Linux gives to outgoing connections: one of these may take it before the stack is up.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
