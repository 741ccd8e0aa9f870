"""A container that breaks no rule, and what is told of one that differs."""

from typing import Any

from policy.resource import Resource, Stack
from policy.rules import violations

OWN = Stack("prod", for_evaluation=False)
GOOD: dict[str, Any] = {
    "image": "sha256:0123",
    "cpus": "0.5",
    "memory": 256,
    "memorySwap": 256,
    "healthcheck": {"tests": ["CMD", "true"]},
    "user": "999:999",
    "readOnly": True,
    "capabilities": {"drops": ["ALL"]},
    "securityOpts": ["no-new-privileges:true"],
    "mustRun": True,
    "restart": "unless-stopped",
    "envs": ["API_ADDRESS=api:8000"],
    "ports": [{"internal": 8080, "external": 8080, "ip": "127.0.0.1"}],
}
SOCKET = {"type": "bind", "source": "/var/run/docker.sock", "target": "/var/run/docker.sock", "readOnly": True}


def told(resource: Resource, stack: Stack = OWN) -> list[str]:
    return list(violations(resource, stack))


def container(name: str = "web", **inputs: Any) -> Resource:
    return Resource("Container", name, {**GOOD, **inputs})
