"""The Docker engine that the stack is meant for, which need not be on this machine."""

import errno
import os
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import docker
import pulumi
from docker.errors import DockerException

from stacks import engine_address

MIB = 1024 * 1024
GB = 10**9


@dataclass(frozen=True)
class Host:
    """What the engine's host has: cores, MiB of memory, GB of free disk (None: not to be seen from here).

    `promised_mb` is what running containers of others may use by their limits; `ports` says who listens on a host port.
    """

    cpus: int
    memory_mb: int
    promised_mb: int
    free_disk_gb: float | None
    ports: Mapping[int, str] = field(default_factory=dict)


class Engine:
    """A Docker engine, asked for facts; all that it is told is what the provider has no word for."""

    def __init__(self, client: docker.DockerClient) -> None:
        self.client = client

    @classmethod
    def connect(cls) -> "Engine":
        """Reach the engine of DOCKER_HOST, or the local one. Raises RunError when none answers."""
        where = engine_address.told(os.environ)
        if engine_address.scheme(os.environ) == "ssh":
            raise pulumi.RunError(
                f"DOCKER_HOST {where}: neither the Docker SDK nor Pulumi's plugins are to speak ssh here. Put "
                "`python -m toolchain.ssh_engine` before the command (`research` and `make` do that by themselves): it "
                "brings the engine's socket here"
            )
        try:
            client = docker.from_env(timeout=60)
            client.ping()
        except DockerException as error:
            raise pulumi.RunError(
                f"no Docker engine answers at {where}: {error}\n"
                "Start it (`make up` installs and starts one on Debian and Ubuntu), or set DOCKER_HOST."
            ) from None
        return cls(client)

    @cached_property
    def is_local(self) -> bool:
        """Whether the engine is reached through a socket of this machine."""
        return engine_address.is_local(os.environ)

    @cached_property
    def log_folder(self) -> str:
        """Where the engine's host keeps what containers wrote, in a folder for each."""
        return f"{self.client.info()['DockerRootDir']}/containers"

    def containers(self, labels: Mapping[str, str], *, running_only: bool = False) -> list[dict[str, Any]]:
        """The containers that carry all of these labels, as the engine lists them."""
        wanted = [f"{key}={value}" for key, value in labels.items()]
        found: list[dict[str, Any]] = self.client.api.containers(all=not running_only, filters={"label": wanted})
        return found

    def volume_labels(self, labels: Mapping[str, str], label: str) -> list[str]:
        """The values of `label` on the volumes that carry all of `labels`."""
        filters = {"label": [label, *(f"{key}={value}" for key, value in labels.items())]}
        found = self.client.api.volumes(filters=filters)["Volumes"] or []
        return [volume["Labels"][label] for volume in found]

    def last_log_lines(self, container_id: str, count: int) -> list[str]:
        """The last lines that a container wrote, none when it is gone."""
        try:
            text: bytes = self.client.api.logs(container_id, tail=count)
        except docker.errors.NotFound:
            return []
        return text.decode(errors="replace").splitlines()

    def limit_processes(self, container_id: str, most: int) -> str:
        """Let a container have so many processes and threads at most, whenever it runs; its ID, also when it is gone.

        The engine keeps the limit with the container; neither the provider nor the SDK's `update_container` knows it.
        """
        api = self.client.api
        url = f"{api.base_url}/v{api.api_version}/containers/{container_id}/update"
        answer = api.post(url, json={"PidsLimit": most}, timeout=api.timeout)
        if answer.status_code != HTTPStatus.NOT_FOUND:
            answer.raise_for_status()
        return container_id

    def host(self, own: Mapping[str, str], wanted_ports: Mapping[int, IPv4Address]) -> Host:
        """What the host has for a stack whose containers carry the labels `own`."""
        info = self.client.info()
        running = self.client.api.containers()
        others = [one for one in running if not own.items() <= one["Labels"].items()]
        taken = {port: f"container {container_name(one)}" for one in others for port in published(one)}
        if self.is_local:
            known = {port for one in running for port in published(one)}
            for port, address in wanted_ports.items():
                if port not in known and _is_taken(address, port):
                    taken[port] = f"another program (`ss -ltnp sport = :{port}` names it)"
        return Host(
            cpus=info["NCPU"],
            memory_mb=info["MemTotal"] // MIB,
            promised_mb=sum(self._memory_limit(one["Id"]) for one in others) // MIB,
            free_disk_gb=self._free_disk_gb(info["DockerRootDir"]),
            ports=taken,
        )

    def _memory_limit(self, container_id: str) -> int:
        try:
            return int(self.client.api.inspect_container(container_id)["HostConfig"]["Memory"])
        except docker.errors.NotFound:
            return 0

    def _free_disk_gb(self, root: str) -> float | None:
        if not (self.is_local and Path(root).exists()):
            return None
        return shutil.disk_usage(root).free / GB


def container_name(container: Mapping[str, Any]) -> str:
    """The name of a listed container; the start of its ID while the engine is removing it and has taken its name."""
    return str(container["Names"][0]).lstrip("/") if container["Names"] else str(container["Id"])[:12]


def published(container: Mapping[str, Any]) -> list[int]:
    """The TCP ports of the host that lead to a listed container."""
    return [port["PublicPort"] for port in container["Ports"] if "PublicPort" in port and port["Type"] == "tcp"]


def _is_taken(address: IPv4Address, port: int) -> bool:
    """Whether another program listens there; that the address is not this host's is for the engine to say."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((str(address), port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False
