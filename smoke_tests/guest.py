"""A throw-away container in the image of the stack's client: the tests' place inside the stack's networks."""

import contextlib
import inspect
import io
import json
import logging
import os
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import docker
from docker.errors import APIError, NotFound
from docker.models.containers import Container

LABEL = "market-research.smoke-test"
ABANDONED_SECONDS = 60
STANDARD_OUTPUT = 1
WAIT_FOR_THE_END_OF_INPUT = "import sys; sys.stdin.buffer.read()"
HARMLESS: dict[str, Any] = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "mem_limit": "128m",
    "memswap_limit": "128m",
    "nano_cpus": 10**9,
    "pids_limit": 64,
    "healthcheck": {"test": ["NONE"]},
    "log_config": {"type": "none"},
}


class Guest:
    """Runs Python where it stands; it lives no longer than the connection of the process that invited it."""

    def __init__(self, client: docker.DockerClient, container: Container) -> None:
        self._engine = client.api
        self._container = container

    def run(self, module: ModuleType, *arguments: str) -> Any:
        """The JSON that a module prints; it can import the standard library alone. AssertionError when it fails."""
        return json.loads(printed_in(self._container, *python(inspect.getsource(module)), *arguments))

    @contextmanager
    def talk(self, module: ModuleType) -> Iterator[tuple[socket.socket, io.BufferedReader]]:
        """A running module: a socket to write its input to, and a stream of what it prints."""
        command = python(inspect.getsource(module))
        process = self._engine.exec_create(self._container.id, command, stdin=True)["Id"]
        stream: Any = self._engine.exec_start(process, socket=True)
        # Not the stream itself: it may only be read from. TLS comes as a socket already.
        line = socket.socket(fileno=os.dup(stream.fileno())) if isinstance(stream, socket.SocketIO) else stream
        line.settimeout(None)
        with line, line.makefile("rb") as frames:
            yield line, io.BufferedReader(_Output(frames))
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)  # closing alone would leave the stream's own handle open


def printed_in(container: Container, *command: str) -> str:
    """What a command in a container prints, errors included. AssertionError with that when it fails."""
    status, output = container.exec_run(list(command))
    assert isinstance(output, bytes)
    assert status == 0, f"`{command[0]}` in {container.name} failed: {output.decode().strip()}"
    return output.decode()


class _Output(io.RawIOBase):
    """What a process prints, out of the frames in which Docker mixes it with its complaints; these are logged."""

    def __init__(self, frames: io.BufferedReader) -> None:
        self._frames = frames
        self._left = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            header = self._frames.read(8)
            if len(header) < 8:
                return 0
            size = int.from_bytes(header[4:], "big")
            if header[0] == STANDARD_OUTPUT:
                self._left = size
            else:
                logging.getLogger(__name__).warning(self._frames.read(size).decode(errors="replace").strip())
        chunk = self._frames.read1(min(self._left, len(buffer)))
        buffer[: len(chunk)] = chunk
        self._left -= len(chunk)
        return len(chunk)


@contextmanager
def invite(
    client: docker.DockerClient, image: str, user: str, networks: Sequence[str], **place: Any
) -> Iterator[Guest]:
    """A guest on these networks, or where `place` says (`network_mode`, `pid_mode`); gone afterwards.

    Its only process waits for the end of its input, which is this process's connection: it ends and is removed even
    when this process is killed.
    """
    if networks:
        place["network"] = networks[0]
    container = client.containers.create(
        image,
        entrypoint=python(WAIT_FOR_THE_END_OF_INPUT),
        name=f"smoke-test-{secrets.token_hex(4)}",
        labels={LABEL: ""},
        user=user,
        stdin_open=True,
        auto_remove=True,
        **place,
        **HARMLESS,
    )
    try:
        for network in networks[1:]:
            client.networks.get(network).connect(container)
        with contextlib.closing(container.attach_socket(params={"stdin": 1, "stream": 1})):
            container.start()
            yield Guest(client, container)
    finally:
        _turn_out(container)


def turn_out_abandoned(client: docker.DockerClient) -> None:
    """Remove guests that a killed run created and did not come to start."""
    for status in ("created", "exited", "dead"):
        for container in client.containers.list(all=True, filters={"label": LABEL, "status": status}, sparse=True):
            if time.time() - container.attrs["Created"] > ABANDONED_SECONDS:
                _turn_out(container)


def python(code: str) -> list[str]:
    """The command that runs it in the client's image."""
    return ["python", "-I", "-c", code]


def _turn_out(container: Container) -> None:
    try:
        container.remove(force=True)
    except APIError:  # it is gone, or about to go by itself
        with contextlib.suppress(NotFound):
            container.wait(condition="removed")
