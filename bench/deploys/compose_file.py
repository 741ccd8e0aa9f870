"""The compose file that describes what a running stack of ours consists of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.deploys.compose_container import hardening, limits, process

HEALTHY, ENDED_WELL = "service_healthy", "service_completed_successfully"
AFTER: Mapping[str, Mapping[str, str]] = {
    "migration": dict.fromkeys(("postgres", "redis", "neo4j"), HEALTHY),
    "api": {"migration": ENDED_WELL},
    "frontend": {"api": HEALTHY},
}
"""What no container tells: what it comes after."""
IMAGE = {"migration": "api"}
"""Whose image a service runs that has none of its own."""
PUBLISHED = "frontend"
PORT = 8080


@dataclass(frozen=True)
class Running:
    """One of our containers: Docker's inspection, the environment that its image gives it, its secret files by name."""

    facts: Mapping[str, Any]
    of_the_image: frozenset[str] = frozenset()
    secrets: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Network:
    """What one of our networks is called among us, and whether it has no way out of the host."""

    name: str
    internal: bool


def compose_file(
    project: str, containers: Mapping[str, Running], networks: Mapping[str, Network], port: int
) -> dict[str, Any]:
    """A compose project of these services; `networks` go by the names that Docker knows, `port` is the public one."""
    written: dict[str, Any] = {
        "name": project,
        "services": {
            name: {**_image(project, name), **_service(name, running, networks)} for name, running in containers.items()
        },
        "networks": {network.name: {"internal": network.internal} for network in networks.values()},
        "volumes": {name: {} for name, running in containers.items() if _data_paths(running)},
        "secrets": {
            _secret(name, file): {"file": str(path)}
            for name, running in containers.items()
            for file, path in running.secrets.items()
        },
    }
    written["services"][PUBLISHED]["ports"] = [f"127.0.0.1:{port}:{PORT}"]
    literal: dict[str, Any] = _without_variables(written)
    return literal


def _service(name: str, running: Running, networks: Mapping[str, Network]) -> dict[str, Any]:
    return {
        **process(running.facts, running.of_the_image),
        **limits(running.facts),
        **hardening(running.facts),
        "volumes": [f"{name}:{path}" for path in _data_paths(running)],
        "secrets": [{"source": _secret(name, file), "target": file} for file in running.secrets],
        "networks": sorted({networks[key].name for key in _networks(running)} | _way_in(name)),
        "depends_on": {other: {"condition": condition} for other, condition in AFTER.get(name, {}).items()},
    }


def _networks(running: Running) -> list[str]:
    return list(running.facts["NetworkSettings"]["Networks"])


def _way_in(name: str) -> set[str]:
    """A published port needs a network that is not internal; ours has it for the edge, which compose does without."""
    return {"edge"} if name == PUBLISHED else set()


def _image(project: str, name: str) -> dict[str, Any]:
    owner = IMAGE.get(name, name)
    tag = f"{project}-{owner}"
    return {"image": tag, "pull_policy": "never"} if owner != name else {"image": tag, "build": f"images/{name}"}


def _data_paths(running: Running) -> list[str]:
    """Where its data is: the volumes that it may write to."""
    return [mount["Destination"] for mount in running.facts["Mounts"] if mount["RW"] and "Name" in mount]


def _secret(service: str, file: str) -> str:
    return f"{service}-{file}"


def _without_variables(value: Any) -> Any:
    """Compose would take a dollar sign for a variable of its own."""
    if isinstance(value, dict):
        return {key: _without_variables(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_variables(each) for each in value]
    return value.replace("$", "$$") if isinstance(value, str) else value
