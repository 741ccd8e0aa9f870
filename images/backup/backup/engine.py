"""Docker's API, as far as the gate (images/engine) lets containers be started, stopped and read."""

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode

ANSWER_SECONDS = 60.0
"""Even a busy host answers sooner; to stop may take this long in addition to the time that is given for it."""
ALIVE = ("running", "paused", "restarting")
FRAME_HEADER = 8


class EngineError(Exception):
    """The gate or the engine is away, or refuses; the text is one line."""


class GoneError(EngineError):
    """There is no such container any more."""


class RefusedError(EngineError):
    """The gate does not let that be done."""


KINDS = {HTTPStatus.NOT_FOUND: GoneError, HTTPStatus.FORBIDDEN: RefusedError}


@dataclass(frozen=True)
class State:
    """What a container is doing. `health` is empty where nobody looks after it."""

    running: bool
    exit_code: int
    health: str

    @property
    def well(self) -> bool:
        """Whether it runs, and is healthy where that is looked after."""
        return self.running and self.health in ("", "healthy")


class Engine:
    """The engine behind a gate at `http://host:port`."""

    def __init__(self, url: str) -> None:
        parts = re.fullmatch(r"http://([A-Za-z0-9._-]+):([0-9]{1,5})", url)
        if parts is None:
            raise ValueError("allowed is http://host:port")
        self._host, self._port = parts[1], int(parts[2])

    def start(self, container: str) -> bool:
        """Start a container; False when it was running already."""
        return self._ask("POST", f"/containers/{container}/start")[0] != HTTPStatus.NOT_MODIFIED

    def stop(self, container: str, grace_seconds: int) -> None:
        """Stop a container, or find it stopped; it is killed after `grace_seconds`."""
        path = f"/containers/{container}/stop?t={grace_seconds}"
        self._ask("POST", path, grace_seconds + ANSWER_SECONDS)

    def inspect(self, container: str) -> State:
        """What it is doing now."""
        _, body = self._ask("GET", f"/containers/{container}/json")
        try:
            state: dict[str, Any] = json.loads(body)["State"]
            health = (state.get("Health") or {}).get("Status", "")
            return State(state["Status"] in ALIVE, int(state["ExitCode"]), "" if health == "none" else health)
        except (ValueError, KeyError, TypeError) as error:
            raise EngineError(f"{container}: the engine's description is not as expected: {error!r}") from None

    def last_lines(self, container: str, since: float, count: int = 3) -> list[str]:
        """The last lines that it wrote after `since` (Unix time)."""
        query = urlencode({"stdout": 1, "stderr": 1, "tail": count, "since": int(since)})
        _, body = self._ask("GET", f"/containers/{container}/logs?{query}")
        lines = (line.strip() for line in _unframed(body).decode(errors="replace").splitlines())
        return [line for line in lines if line][-count:]

    def _ask(self, method: str, path: str, seconds: float = ANSWER_SECONDS) -> tuple[int, bytes]:
        connection = HTTPConnection(self._host, self._port, timeout=seconds)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            status, body = response.status, response.read()
        except (OSError, HTTPException) as error:
            raise EngineError(f"{self._host}:{self._port}{path}: {error or type(error).__name__}") from None
        finally:
            connection.close()
        if status < HTTPStatus.BAD_REQUEST:
            return status, body
        kind = next((kind for code, kind in KINDS.items() if code == status), EngineError)
        raise kind(f"{method} {path}: {status} {_message(body)}")


def _message(body: bytes) -> str:
    """The engine's own words, or the beginning of the gate's."""
    try:
        return " ".join(str(json.loads(body)["message"]).split())
    except (ValueError, KeyError, TypeError):
        return " ".join(re.sub(r"<[^>]*>", " ", body.decode(errors="replace")).split())[:200]


def _unframed(body: bytes) -> bytes:
    """A log without the headers that tell its two streams apart."""
    text = b""
    while len(body) >= FRAME_HEADER:
        end = FRAME_HEADER + int.from_bytes(body[4:FRAME_HEADER])
        text += body[FRAME_HEADER:end]
        body = body[end:]
    return text
