"""What the image tests ask of Docker: build an image, run it hardened, keep volumes, leave nothing behind."""

import io
import os
import secrets
import shutil
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError
from docker.models.containers import Container

IMAGES = Path(__file__).parent.parent
HARDENED: dict[str, Any] = {
    "init": True,
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "mem_limit": "512m",
    "memswap_limit": "512m",
}


def wait_until(holds: Callable[[], object], within: float = 60, why: Callable[[], str] = str) -> float:
    """Seconds until `holds()` was true, polling; AssertionError with `why()` after `within` seconds."""
    start = time.monotonic()
    while not holds():
        assert time.monotonic() - start < within, f"still not so after {within} s: {why()}"
        time.sleep(0.05)
    return time.monotonic() - start


@dataclass(frozen=True)
class Running:
    """One container under test."""

    container: Container

    def exec(self, *command: str, **options: Any) -> str:
        """Output of a command in the container; AssertionError with that output when it fails."""
        code, output = self.attempt(*command, **options)
        assert code == 0, f"{command} left with {code}: {output}"
        return output

    def attempt(self, *command: str, **options: Any) -> tuple[int, str]:
        """Exit code and output (stdout and stderr) of a command in the container."""
        code, output = self.container.exec_run(list(command), **options)
        assert code is not None
        assert isinstance(output, bytes)
        return code, output.decode().strip()

    def logs(self) -> str:
        return self.container.logs().decode()

    def exit_code(self, within: float = 60) -> int:
        """Wait for the container to end by itself, `within` seconds."""
        return int(self.container.wait(timeout=within)["StatusCode"])

    def stop(self, within: int = 30) -> int:
        """Send the image's stop signal and return the exit code; 137 means that it had to be killed."""
        self.container.stop(timeout=within)
        return self.exit_code()

    def wait_until(self, holds: Callable[[], object], within: float = 60) -> float:
        """As the function of this name, with the logs as the reason; gives up at once when the container has ended."""

        def holds_while_alive() -> object:
            # An exec in a container that has just ended is refused by the engine: its end is what there is to tell.
            with suppress(APIError):
                if holds():
                    return True
            self.container.reload()
            assert self.container.status != "exited", f"the container ended:\n{self.logs()}"
            return False

        return wait_until(holds_while_alive, within, self.logs)


@dataclass(frozen=True)
class Engine:
    """The Docker engine of the environment (DOCKER_HOST)."""

    client: docker.DockerClient

    @contextmanager
    def run(self, image: str, command: list[str] | None = None, **options: Any) -> Iterator[Running]:
        """Start a hardened container, removed afterwards; `options` as in docker-py's `containers.run`."""
        container = self.client.containers.run(
            image, command, detach=True, name=fresh_name(), **{**HARDENED, **options}
        )
        try:
            yield Running(container)
        except BaseException as error:
            error.add_note(f"--- logs of the container\n{container.logs().decode()}")
            raise
        finally:
            container.remove(force=True, v=True)

    @contextmanager
    def volume(self, files: Mapping[str, str | bytes] | None = None) -> Iterator[str]:
        """The name of a new volume, removed afterwards; `files` are put into it as secrets are: root-owned, 0444."""
        volume = self.client.volumes.create(fresh_name())
        try:
            if files is not None:
                self.fill(volume.name, files)
            yield volume.name
        finally:
            volume.remove(force=True)

    def fill(self, volume: str, files: Mapping[str, str | bytes], mode: int = 0o444) -> None:
        """Write root-owned files into a volume through a container that is never started."""
        mounts = {volume: {"bind": "/files", "mode": "rw"}}
        carrier = self.client.containers.create("debian:trixie-slim", name=fresh_name(), volumes=mounts)
        try:
            carrier.put_archive("/files", archived(files, mode))
        finally:
            carrier.remove()


def fresh_name() -> str:
    return f"contract-{secrets.token_hex(4)}"


@cache
def build(name: str, *options: str) -> str:
    """Build images/<name> once per session, with these options of the command line, and return the image ID."""
    docker_cli, *build_command = _build_command()
    command = [docker_cli, *build_command, "--quiet", *options, str(IMAGES / name)]
    environment = {**os.environ, "DOCKER_BUILDKIT": "1"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{' '.join(command)}:\n{result.stderr[-4000:]}"
    return result.stdout.strip()


def _build_command() -> list[str]:
    """The first docker client on PATH that has BuildKit: through buildx, or built in (clients before 23)."""
    folders = os.environ["PATH"].split(os.pathsep)
    clients = [found for folder in folders if (found := shutil.which("docker", path=folder))]
    for client in clients:
        if subprocess.run([client, "buildx", "version"], capture_output=True, check=False).returncode == 0:
            return [client, "buildx", "build", "--load"]
    for client in clients:
        version = subprocess.run([client, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.split()[2].split(".")[0]) < 23:
            return [client, "build"]
    raise AssertionError("no docker client with BuildKit on PATH: install the buildx plugin")


def archived(files: Mapping[str, str | bytes], mode: int) -> bytes:
    """A tar archive of files that are root's, with this mode."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(name)
            entry.mode = mode
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
