"""A container as compose writes it, from Docker's inspection of one."""

from collections.abc import Mapping
from typing import Any

NANOSECONDS = 10**9


def process(facts: Mapping[str, Any], of_the_image: frozenset[str]) -> dict[str, Any]:
    """What runs, how it ends and how Docker tells whether it works; less the environment that the image gives."""
    config, host = facts["Config"], facts["HostConfig"]
    check = config.get("Healthcheck")
    return {
        "command": config["Cmd"],
        "environment": sorted(set(config["Env"]) - of_the_image),
        "user": config["User"],
        "init": host["Init"],
        "restart": host["RestartPolicy"]["Name"],
        "stop_grace_period": f"{config.get('StopTimeout') or 10}s",
        **({"healthcheck": _health_check(check)} if check else {}),
    }


def _health_check(check: Mapping[str, Any]) -> dict[str, Any]:
    seconds = {name: f"{check[name] // NANOSECONDS}s" for name in ("Interval", "Timeout", "StartPeriod")}
    return {
        "test": check["Test"],
        "interval": seconds["Interval"],
        "timeout": seconds["Timeout"],
        "start_period": seconds["StartPeriod"],
        "retries": check["Retries"],
    }


def limits(facts: Mapping[str, Any]) -> dict[str, Any]:
    """How many cores and how much memory it gets."""
    host = facts["HostConfig"]
    return {
        "cpus": host["NanoCpus"] / NANOSECONDS,
        "mem_limit": host["Memory"],
        "memswap_limit": host["MemorySwap"],
        "shm_size": host["ShmSize"],
    }


def hardening(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What it may not do, and where its log goes."""
    host = facts["HostConfig"]
    return {
        "read_only": host["ReadonlyRootfs"],
        "tmpfs": [f"{path}:{options}" for path, options in host["Tmpfs"].items()],
        "cap_drop": host["CapDrop"],
        "security_opt": host["SecurityOpt"],
        "logging": {"driver": host["LogConfig"]["Type"], "options": host["LogConfig"]["Config"]},
    }
