"""One deploy at a time: a lock on the engine, so that two machines that deploy to one host see it."""

import getpass
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import docker

from infra.engine import Engine
from operations.command_line import console
from operations.exit_codes import ExitCode, OperationError

IMAGE = "market-research/lock"
LABEL = "market-research.lock."
POLL_SECONDS = 2


class DeployLock:
    """A container that never starts: its name can be taken once, its labels say by whom and why."""

    def __init__(self, engine: Engine, project: str, stack: str) -> None:
        self._api = engine.client.api
        self._stack = stack
        self._name = f"{project}-{stack}-deploy-lock"

    @contextmanager
    def held(self, reason: str, wait_seconds: float) -> Iterator[None]:
        """Hold the lock while the block runs. Raises OperationError naming the holder when it stays taken."""
        deadline = time.monotonic() + wait_seconds
        while not self._taken(reason):
            if self.free_of_the_dead():
                continue
            if time.monotonic() > deadline:
                raise OperationError(ExitCode.BROKEN, f"{self._told()}. {self._way_out()}")
            console().print(f"[yellow]waiting[/]: {self._told()}")
            time.sleep(POLL_SECONDS)
        before = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            self.release()
            for number, handler in before.items():
                signal.signal(number, handler)

    def release(self) -> None:
        """Give the lock back; no error if nobody holds it."""
        try:
            self._api.remove_container(self._name, force=True)
        except docker.errors.NotFound:
            return

    def holder(self) -> Mapping[str, str]:
        """Who holds it (`user`, `host`, `pid`, `since`, `reason`); empty when nobody does."""
        try:
            labels = self._api.inspect_container(self._name)["Config"]["Labels"]
        except docker.errors.NotFound:
            return {}
        return {key.removeprefix(LABEL): value for key, value in labels.items() if key.startswith(LABEL)}

    def free_of_the_dead(self) -> bool:
        """Take the lock from a process of this host that is no more; whether that was so."""
        holder = self.holder()
        if not holder:
            return True
        if holder["host"] != socket.gethostname() or _lives(int(holder["pid"])):
            return False
        console().print(f"[yellow]{self._told()}, but that process is gone: its lock is taken over[/]")
        self.release()
        return True

    def _taken(self, reason: str) -> bool:
        who = {"user": getpass.getuser(), "host": socket.gethostname(), "pid": str(os.getpid())}
        facts = {**who, "since": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC", "reason": reason or "none given"}
        labels = {f"{LABEL}{key}": value for key, value in facts.items()}
        wanted: dict[str, Any] = {"command": ["lock"], "name": self._name, "labels": labels}
        try:
            self._api.create_container(IMAGE, **wanted)
        except docker.errors.ImageNotFound:
            self._api.import_image_from_data(b"\0" * 1024, repository=IMAGE)  # an empty archive
            return self._taken(reason)
        except docker.errors.APIError as error:
            if error.status_code == 409:  # noqa: PLR2004 - HTTP's word for a name that is taken
                return False
            raise
        return True

    def _told(self) -> str:
        holder = self.holder()
        if not holder:
            return f"stack {self._stack} was being deployed until just now"
        return (
            f"stack {self._stack} is being deployed by {holder['user']} on {holder['host']} (process {holder['pid']}) "
            f"since {holder['since']}, reason: {holder['reason']}"
        )

    def _way_out(self) -> str:
        return f"Wait for it (`--wait 600`), or, when it is dead, `research unlock -s {self._stack}`"


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt
