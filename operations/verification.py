"""Whether a stack works, as the engine and the people who open it see it."""

import json
import ssl
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import docker

from infra.services.edge import AUTHORITY, Edge
from operations.archives import unpacked
from operations.exit_codes import ExitCode, OperationError
from operations.running_stack import RunningStack
from operations.status import health

ANSWERS_WITHIN_SECONDS = 30


def verify(stack: RunningStack, url: str) -> str:
    """See that everything is healthy and the public address answers; returns the version that it tells.

    Raises OperationError when something is not as it should be.
    """
    sick = [f"{one.name} is {health(one)}" for one in stack.replicas() if health(one) not in ("healthy", "no check")]
    if sick:
        raise OperationError(ExitCode.BROKEN, f"after the update {', '.join(sick)}: `research logs -s {stack.name}`")
    if not stack.engine.is_local and urlsplit(url).hostname in ("127.0.0.1", "localhost"):
        return "healthy by its engine; its address is only for that host"
    trusted = _trusted(stack) if url.startswith("https:") else None
    deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
    while True:
        try:
            return version(f"{url}/health", trusted)
        except (OSError, ValueError) as error:
            if time.monotonic() > deadline:
                raise OperationError(
                    ExitCode.BROKEN,
                    f"{url}/health does not answer as it should: {error}. Type `research status -s {stack.name}`",
                ) from None
        time.sleep(0.5)


def version(address: str, trusted: ssl.SSLContext | None = None) -> str:
    """The version that a health page tells. Raises OSError or ValueError when it tells none."""
    with urllib.request.urlopen(address, timeout=5, context=trusted) as answer:  # noqa: S310 - the stack's own address
        page = json.load(answer)
    if not isinstance(page, dict) or not page.get("version"):
        raise ValueError("it tells no version")
    return str(page["version"])


def _trusted(stack: RunningStack) -> ssl.SSLContext:
    """Whom this machine trusts, and the edge's own CA if there is one."""
    context = ssl.create_default_context()
    try:
        chunks, _ = stack.engine.client.api.get_archive(stack.running(Edge.name).id, AUTHORITY)
    except docker.errors.NotFound:
        return context
    context.load_verify_locations(cadata=unpacked(chunks))
    return context
