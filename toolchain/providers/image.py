"""The image that a container is made from."""

from __future__ import annotations

from docker.api import APIClient
from docker.errors import APIError, ImageNotFound
from docker.utils import parse_repository_tag

from toolchain.providers.engine import reason
from toolchain.providers.failures import ProviderError


def ensure_image(client: APIClient, image: str) -> None:
    """Pull the image unless the engine has it; raise ProviderError with the cause and the ways out."""
    try:
        client.inspect_image(image)  # type: ignore[no-untyped-call]
    except ImageNotFound:
        pass
    else:
        return
    if image.startswith("sha256:"):
        raise ProviderError(
            f"Unable to create container with image {image}: the engine has no image of this id: build it anew"
        )
    try:
        cause = _pull(client, image)
    except APIError as error:
        cause = reason(error)
    if cause:
        raise ProviderError(
            f"Unable to create container with image {image}: unable to pull image {image}: {cause}. "
            "Build it, load it with `docker load`, or name one that a reachable registry has"
        )


def _pull(client: APIClient, image: str) -> str:
    repository, tag = parse_repository_tag(image)
    for event in client.pull(repository, tag or "latest", stream=True, decode=True):
        if "error" in event:
            return str(event["error"])
    return ""
