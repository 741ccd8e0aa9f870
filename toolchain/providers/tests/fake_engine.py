"""An engine of dictionaries: it answers the calls that the providers make as a real one would."""

from __future__ import annotations

import io
import re
import secrets
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker.errors
import requests

Values = dict[str, Any]

_MEGABYTE = 1024 * 1024
_ENDPOINT = {"IPAddress": "10.0.0.2", "IPPrefixLen": 16, "Gateway": "10.0.0.1", "MacAddress": "02:42:0a:00:00:02"}
_NOTHING: Values = {"IPAddress": "", "IPPrefixLen": 0, "Gateway": "", "MacAddress": ""}
_SMALLEST_MEMORY = 6 * _MEGABYTE
_HOST_DEFAULTS: Values = {
    "IpcMode": "private",
    "LogConfig": {"Type": "json-file", "Config": {}},
    "Memory": 0,
    "MemorySwap": 0,
    "NetworkMode": "default",
    "RestartPolicy": {"Name": "", "MaximumRetryCount": 0},
    "Runtime": "runc",
    "ShmSize": 64 * _MEGABYTE,
}


def refusal(status: int, text: str) -> docker.errors.APIError:
    """Return the error that the SDK raises for an engine's answer."""
    response = requests.Response()
    response.status_code = status
    kind = docker.errors.NotFound if status == requests.codes.not_found else docker.errors.APIError
    return kind(text, response=response, explanation=text)


class FakeEngine:
    """Stands in for the engine of the providers and for its client at once."""

    def __init__(self, images: dict[str, list[str]]) -> None:
        self.images = images
        self.containers: dict[str, Values] = {}
        self.networks: dict[str, Values] = {}
        self.volumes: dict[str, Values] = {}
        self.files: dict[str, dict[str, tarfile.TarInfo]] = {}
        self.stopped_within: dict[str, int] = {}

    @contextmanager
    def client(self) -> Iterator[FakeEngine]:
        yield self

    def inspect_image(self, image: str) -> Values:
        if image not in self.images:
            raise docker.errors.ImageNotFound(f"No such image: {image}")
        return {"Id": image}

    def pull(self, repository: str, tag: str, **_options: Any) -> list[Values]:
        return [{"status": "Pulling"}, {"error": f"no registry has {repository}:{tag}"}]

    def create_container_from_config(self, body: Values, name: str, platform: str | None) -> Values:
        del platform
        if any(container["Name"] == f"/{name}" for container in self.containers.values()):
            raise refusal(409, f'Conflict. The container name "/{name}" is already in use')
        identifier = secrets.token_hex(32)
        host = _HOST_DEFAULTS | body["HostConfig"]
        config = {"Cmd": self.images[body["Image"]], "Hostname": identifier[:12], **body}
        self.containers[identifier] = {
            "Id": identifier,
            "Name": f"/{name}",
            "Image": body["Image"],
            "Platform": "linux",
            "Config": config,
            "HostConfig": host,
            "NetworkSettings": {"Bridge": "", "Ports": {}, "Networks": {host["NetworkMode"]: _NOTHING}},
            "State": {"Running": False, "Status": "created", "ExitCode": 0},
        }
        return {"Id": identifier}

    def inspect_container(self, identifier: str) -> Values:
        if identifier not in self.containers:
            raise refusal(404, f"No such container: {identifier}")
        return self.containers[identifier]

    def disconnect_container_from_network(self, identifier: str, network: str) -> None:
        self.containers[identifier]["NetworkSettings"]["Networks"].pop(network, None)

    def connect_container_to_network(self, identifier: str, network: str, **_options: Any) -> None:
        self.containers[identifier]["NetworkSettings"]["Networks"][network] = _NOTHING

    def put_archive(self, identifier: str, path: str, data: bytes) -> bool:
        assert path == "/"
        if self.containers[identifier]["HostConfig"].get("ReadonlyRootfs"):
            raise refusal(403, "container rootfs is marked read-only")
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            self.files.setdefault(identifier, {}).update({entry.name: entry for entry in tar})
        return True

    def start(self, identifier: str) -> None:
        container = self.containers[identifier]
        for bindings in container["HostConfig"].get("PortBindings", {}).values():
            if self._is_taken(bindings):
                raise refusal(500, f"Bind for {bindings[0]['HostPort']} failed: port is already allocated")
        known = {"bridge", "host", "none", *(network["Name"] for network in self.networks.values())}
        for network in container["NetworkSettings"]["Networks"].keys() - known:
            raise refusal(404, f"network {network} not found")
        exits = re.search(r"exit (\d+)", " ".join(container["Config"]["Cmd"]))
        if exits:
            container["State"] = {"Running": False, "Status": "exited", "ExitCode": int(exits[1])}
            return
        healthy = container["Config"].get("Healthcheck", {}).get("Test") != ["CMD", "false"]
        health = {"Status": "healthy" if healthy else "unhealthy", "Log": [{"ExitCode": 1, "Output": "no\n"}]}
        container["State"] = {"Running": True, "Status": "running", "ExitCode": 0, "Health": health}
        settings = container["NetworkSettings"]
        settings["Ports"] = container["HostConfig"].get("PortBindings", {})
        settings["Networks"] = dict.fromkeys(settings["Networks"], _ENDPOINT)

    def _is_taken(self, bindings: list[Values]) -> bool:
        published = [container["NetworkSettings"]["Ports"].values() for container in self.containers.values()]
        return any(bindings == others for ports in published for others in ports)

    def logs(self, identifier: str, **_options: Any) -> bytes:
        printed = re.findall(r"echo ([^;]+)", " ".join(self.containers[identifier]["Config"]["Cmd"]))
        return "".join(f"{line}\n" for line in printed).encode()

    def stop(self, identifier: str, timeout: int) -> None:
        container = self.inspect_container(identifier)
        self.stopped_within[identifier] = timeout
        container["State"] = {"Running": False, "Status": "exited", "ExitCode": 143}
        settings = container["NetworkSettings"]
        settings |= {"Ports": {}, "Networks": dict.fromkeys(settings["Networks"], _NOTHING)}

    def remove_container(self, identifier: str, *, v: bool, force: bool) -> None:
        del v, force
        self.inspect_container(identifier)
        del self.containers[identifier]

    def update_container(self, identifier: str, **limits: Any) -> None:
        if 0 < limits.get("mem_limit", 0) < _SMALLEST_MEMORY:
            raise refusal(400, "Minimum memory limit allowed is 6MB")
        host = self.inspect_container(identifier)["HostConfig"]
        places = {"mem_limit": "Memory", "memswap_limit": "MemorySwap", "cpu_shares": "CpuShares"}
        host |= {places[name]: value for name, value in limits.items() if name in places}
        host["RestartPolicy"] = limits.get("restart_policy", host["RestartPolicy"])

    def create_network(self, name: str, **options: Any) -> Values:
        identifier = secrets.token_hex(32)
        pool = {"Subnet": "10.0.0.0/16", "Gateway": "10.0.0.1"}
        self.networks[identifier] = {
            "Id": identifier,
            "Name": name,
            "Driver": options["driver"] or "bridge",
            "Internal": options["internal"],
            "IPAM": {"Driver": "default", "Options": None, "Config": [pool]},
            "Labels": options["labels"],
            "Options": options["options"] or {},
            "Scope": "local",
        }
        return {"Id": identifier}

    def inspect_network(self, identifier: str) -> Values:
        if identifier not in self.networks:
            raise refusal(404, f"network {identifier} not found")
        return self.networks[identifier]

    def remove_network(self, identifier: str) -> None:
        self.inspect_network(identifier)
        del self.networks[identifier]

    def create_volume(self, name: str, driver: str | None, options: Values | None, labels: Values) -> Values:
        made = {"Name": name, "Driver": driver or "local", "Options": options, "Labels": labels}
        there = self.volumes.setdefault(name, made | {"Mountpoint": f"/volumes/{name}"})
        return there | {"Labels": None}  # as the engine does for one that it found when it started

    def inspect_volume(self, name: str) -> Values:
        if name not in self.volumes:
            raise refusal(404, f"no such volume: {name}")
        return self.volumes[name]

    def remove_volume(self, name: str) -> None:
        self.inspect_volume(name)
        del self.volumes[name]
