"""A container's properties as the engine's requests to create and to update it."""

from __future__ import annotations

from typing import Any

from toolchain.providers.container_properties import PROPERTIES, UPDATED
from toolchain.providers.engine_fields import MEGABYTE
from toolchain.providers.schema import Values


def create_request(inputs: Values) -> Values:
    """Return the engine's create request for the inputs."""
    config: Values = {"AttachStdin": False, "AttachStdout": False, "AttachStderr": False}
    host: Values = {"Init": False}
    for name, declared in PROPERTIES.items():
        value = inputs.get(name)
        if value is None or declared.engine.send is None:
            continue
        for place, raw in declared.engine.send(value).items():
            root, *steps = place.split(".")
            _put(config if root == "Config" else host, steps, raw)
    return {**config, "HostConfig": host, "NetworkingConfig": {}}


def _put(tree: Values, steps: list[str], raw: Any) -> None:
    *branches, leaf = steps
    for branch in branches:
        tree = tree.setdefault(branch, {})
    tree[leaf] = raw


def update_request(wanted: Values) -> Values:
    """Return the limits that `docker update` takes, from a container's wanted outputs."""
    sizes = {
        UPDATED[name]: value * MEGABYTE if value > 0 else value
        for name in ("memory", "memoryReservation", "memorySwap")
        if (value := wanted.get(name))
    }
    policy = {"Name": wanted["restart"], "MaximumRetryCount": wanted.get("maxRetryCount") or 0}
    shares = {"cpu_shares": wanted["cpuShares"]} if wanted.get("cpuShares") else {}
    cpus = {"cpuset_cpus": wanted["cpuSet"]} if wanted.get("cpuSet") else {}
    return {**sizes, **shares, **cpus, "restart_policy": policy}
