"""The Docker engine: how it is reached, and errors that name their cause."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docker.api import APIClient
from docker.constants import DEFAULT_UNIX_SOCKET
from docker.errors import APIError, DockerException
from docker.utils import kwargs_from_env
from requests.exceptions import RequestException

from toolchain.providers.failures import ProviderError

_SECONDS_TO_ANSWER = 120
_GONE = 404


class Engine:
    """The engine that a provider talks to: the configured host, else DOCKER_HOST, else the local socket."""

    def __init__(self, host: str = "") -> None:
        """Keep the address; connecting waits until the first call, so that a preview needs no engine."""
        self._host = host
        self.address = host or os.environ.get("DOCKER_HOST") or DEFAULT_UNIX_SOCKET.replace("http+", "")
        self._version = "auto"

    @contextmanager
    def client(self) -> Iterator[APIClient]:
        """Yield a client of its own to one call; a failure inside becomes ProviderError with the engine's reason."""
        try:
            settings: dict[str, Any] = {**kwargs_from_env(), **({"base_url": self._host} if self._host else {})}
            client = APIClient(**settings, version=self._version, timeout=_SECONDS_TO_ANSWER)
        except (DockerException, RequestException) as error:
            raise self._unreachable(error) from error
        self._version = client.api_version
        try:
            yield client
        except APIError as error:
            raise ProviderError(reason(error)) from error
        except RequestException as error:
            raise self._unreachable(error) from error
        finally:
            client.close()

    def _unreachable(self, error: Exception) -> ProviderError:
        return ProviderError(
            f"no Docker engine answers at {self.address}: {error}. "
            "Start the engine there (for example `systemctl start docker`), or set DOCKER_HOST to where one listens, "
            "then check with `docker version`"
        )


def reason(error: APIError) -> str:
    """Return the engine's own words."""
    return f"Error response from daemon: {error.explanation or error}"


def is_gone(error: APIError) -> bool:
    """Say whether the engine does not know the thing asked for."""
    return error.status_code == _GONE
