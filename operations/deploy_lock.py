"""One deploy at a time: a lock on the engine, so that two machines that deploy to one host see it."""

import getpass
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

import docker
from rich.console import Console
from rich.markup import escape

from infra.engine import Engine
from operations.command_line import console
from operations.exit_codes import ExitCode, OperationError
from operations.gone import unless_gone
from operations.lock_holder import Holder, place
from operations.patience import heard_by

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
    def held(self, reason: str, wait_seconds: float, out: Console | None = None) -> Iterator[None]:
        """Hold the lock while the block runs. Raises OperationError naming the holder when it stays taken."""
        with heard_by(_interrupt):
            own = self._acquired(reason, wait_seconds, out or console())
            try:
                yield
            finally:
                self.take_from(own)

    def holder(self) -> Holder | None:
        """Who holds it, if anybody does."""
        try:
            found = self._api.inspect_container(self._name)
        except docker.errors.NotFound:
            return None
        labels = found["Config"]["Labels"]
        return Holder(
            found["Id"], {key.removeprefix(LABEL): text for key, text in labels.items() if key.startswith(LABEL)}
        )

    def take_from(self, holder: Holder) -> None:
        """Free the lock of this holder; no error if it is no longer that one's, and nothing happens to another's."""
        with unless_gone():
            self._api.remove_container(holder.id, force=True)

    def _acquired(self, reason: str, wait_seconds: float, out: Console) -> Holder:
        deadline = time.monotonic() + wait_seconds
        told = ""
        while not (own := self._taken(reason)):
            holder = self.holder()
            if holder and holder.is_dead and told != holder.id:
                out.print(f"[yellow]the lock of {escape(str(holder))} is taken over: that process is gone[/]")
                told = holder.id
                self.take_from(holder)
                continue
            if holder and time.monotonic() >= deadline:
                raise self._refusal(holder)
            if holder and told != holder.id:
                told_of = f"{holder}, {wait_seconds:g} s at most; {self._way_out(holder)}"
                out.print(f"[yellow]waiting[/] for {escape(told_of)}")
                told = holder.id
            time.sleep(POLL_SECONDS)
        return own

    def _taken(self, reason: str) -> Holder | None:
        who = {"user": getpass.getuser(), "pid": str(os.getpid()), **place()}
        facts = {**who, "since": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC", "reason": reason}
        labels = {f"{LABEL}{key}": value for key, value in facts.items()}
        try:
            made = self._api.create_container(IMAGE, command=["lock"], name=self._name, labels=labels)
        except docker.errors.ImageNotFound:
            self._api.import_image_from_data(b"\0" * 1024, repository=IMAGE)  # an empty archive
            return self._taken(reason)
        except docker.errors.APIError as error:
            if error.status_code == 409:  # noqa: PLR2004 - HTTP's word for a name that is taken
                return None
            raise
        return Holder(made["Id"], facts)

    def _refusal(self, holder: Holder) -> OperationError:
        return OperationError(
            ExitCode.BROKEN,
            f"stack {self._stack} is being deployed by {holder}. Wait for it (`--wait 600`); {self._way_out(holder)}",
        )

    def _way_out(self, holder: Holder) -> str:
        doubt = "" if holder.is_in_sight else "whether that process still runs cannot be told from here; "
        return f"{doubt}when it is dead, `research unlock -s {self._stack}`"


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt
