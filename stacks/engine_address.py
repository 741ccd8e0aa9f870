"""Where a stack's engine is, as the environment says it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

OVER_SSH = "DOCKER_HOST_OVER_SSH"
"""The ssh:// address of an engine whose socket was brought to this machine; see toolchain/ssh_engine.py."""


def is_local(environment: Mapping[str, str]) -> bool:
    """Whether DOCKER_HOST, or its absence, chooses an engine of this machine; it need not run."""
    return OVER_SSH not in environment and scheme(environment) in ("unix", "npipe")


def scheme(environment: Mapping[str, str]) -> str:
    """How the engine is reached."""
    return urlsplit(environment.get("DOCKER_HOST") or "unix:").scheme


def told(environment: Mapping[str, str]) -> str:
    """The engine's address as people know it."""
    return environment.get(OVER_SSH) or environment.get("DOCKER_HOST") or "the default socket"
