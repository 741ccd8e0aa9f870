"""A stack's backups as the command line gets at them: its scheduler, and the jobs that wait to be started."""

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import docker
from rich.console import Console

from infra.services.backup import Backup
from operations.archives import lay_out, packed, unpacked
from operations.exit_codes import ExitCode, OperationError
from operations.running_stack import Replica, RunningStack
from operations.sessions import NO_CONTEXT, Session, given

UID = int(Backup.user.partition(":")[0])
"""As whom jobs run."""
WORK = "/work"
KEY_FOLDER = "/run/key"
POLL_SECONDS = 0.5
PATIENCE_SECONDS = 900
"""So long somebody waits for a run of the scheduler's, such as that of a large base."""
STOP_SECONDS = 60
"""What a job may take to put back what it has begun."""
HELD = "held"
COMPLAINT = "backup: "
"""With which the line begins by which a command in the scheduler's container says why it failed."""
PROGRAM = ("python", "-m", "backup")
EMPTY = """import pathlib, shutil
for one in pathlib.Path("/repository").iterdir():
    shutil.rmtree(one) if one.is_dir() else one.unlink()
"""
REMOVE = "import pathlib, sys; pathlib.Path(sys.argv[1]).unlink(missing_ok=True)"


class Keeper:
    """What makes the backups of a stack. Raises OperationError when it has none."""

    def __init__(self, stack: RunningStack) -> None:
        self._stack = stack
        self._api = stack.engine.client.api
        if not self.declared(stack):
            raise OperationError(
                ExitCode.WRONG_USE,
                f"stack {stack.name} makes no backups: `pulumi config set --path backup true --stack {stack.name}`, "
                f"then `research deploy -s {stack.name}` (README, Back up and restore)",
            )
        self._scheduler = stack.running(Backup.name)

    @staticmethod
    def declared(stack: RunningStack) -> bool:
        """Whether the stack is to make backups, whether or not its scheduler works at the moment."""
        return bool(stack.engine.containers({**stack.file.labels, "pulumi.service": Backup.name}))

    @staticmethod
    def works(stack: RunningStack) -> bool:
        """Whether the stack's scheduler runs."""
        labels = {**stack.file.labels, "pulumi.service": Backup.name}
        return bool(stack.engine.containers(labels, running_only=True))

    def ask(self, *command: str, out: Console | None = None, may_fail: bool = False) -> str:
        """What the scheduler's container prints for a command; its progress goes to `out`.

        Raises OperationError with its own words when it fails; what it prints may tell that, too (`may_fail`).
        """
        return self._printed([*PROGRAM, *command], out, may_fail=may_fail)

    def _printed(self, command: Sequence[str], out: Console | None = None, *, may_fail: bool = False) -> str:
        started = self._api.exec_create(self._scheduler.id, command)
        printed, said = bytearray(), ""
        for answer, progress in self._api.exec_start(started["Id"], stream=True, demux=True):
            printed += answer or b""
            for line in (progress or b"").decode(errors="replace").splitlines():
                said = line
                if out and not line.startswith(COMPLAINT):  # that is told as the error
                    out.print(line, highlight=False, soft_wrap=True, markup=False)
        if self._api.exec_inspect(started["Id"])["ExitCode"] != 0 and not (may_fail and printed):
            words = said.removeprefix(COMPLAINT) or printed.decode(errors="replace")
            raise OperationError(ExitCode.BROKEN, words.strip() or f"`{' '.join(command)}` failed and said nothing")
        return printed.decode()

    def put_key(self, key: str) -> str:
        """Put a key back that opens the repository; what was done. Raises OperationError when it opens nothing."""
        done = given(self._scheduler.id, [*PROGRAM, "key", "put"], key)
        if done.returncode != 0:
            raise OperationError(ExitCode.BROKEN, done.stderr.strip().removeprefix(COMPLAINT))
        return done.stdout.strip()

    def listed(self) -> list[dict[str, Any]]:
        """What can be restored, the oldest first: `backup`, `store`, `taken` (ISO time in UTC), `bytes`."""
        found: list[dict[str, Any]] = json.loads(self.ask("list", "--json"))
        return found

    def key(self) -> str:
        """The key of the repository."""
        chunks, _ = self._api.get_archive(self._scheduler.id, f"{KEY_FOLDER}/backup_key")
        return unpacked(chunks).strip()

    @contextmanager
    def anew(self, key: str) -> Iterator[None]:
        """Let go of the repository, for one with another key.

        After an error in the block it is the own key again, and nothing is there: the next backup, or another try,
        begins anew.
        """
        own = self.key()
        self._put_key(key)
        try:
            self._printed(["python", "-c", EMPTY])
            yield
        except BaseException:
            self._put_key(own)
            with suppress(OperationError):  # what went wrong first is told
                self._printed(["python", "-c", EMPTY])
                self.ask("forget-repository")
            raise

    def _put_key(self, key: str) -> None:
        self._api.put_archive(self._scheduler.id, KEY_FOLDER, packed("backup_key", key, UID))

    def put(self, name: str, content: str) -> None:
        """Leave a file where jobs find it."""
        self._api.put_archive(self._scheduler.id, WORK, packed(name, content, UID))

    def read(self, name: str) -> str | None:
        """A file that a job has left, if it is there."""
        try:
            chunks, _ = self._api.get_archive(self._scheduler.id, f"{WORK}/{name}")
        except docker.errors.NotFound:
            return None
        return unpacked(chunks)

    def fetch(self, store: str, backup: str, to: Path) -> None:
        """Put a store's files of a backup into a folder on this machine."""
        self.perform("restore-fetch", {"store": store, "backup": backup})
        try:
            chunks, _ = self._api.get_archive(self._dormant("restore-fetch").id, f"/exchange/{store}")
            lay_out(chunks, to)
        finally:
            self.perform("restore-clear", {})

    def remove(self, name: str) -> None:
        """Take away what `put` has left, if it is there."""
        self._printed(["python", "-c", REMOVE, f"{WORK}/{name}"])

    def perform(self, job: str, request: Mapping[str, Any], seconds: float = 86400) -> dict[str, Any]:
        """Let a job do what is requested, and return its result. Raises OperationError with what it said."""
        container = self._dormant(job)
        self.put("request.json", json.dumps(request))
        began = time.time()
        self._api.start(container.id)
        try:
            code = self._ended(container, began + seconds)
        except BaseException:
            self._stop(container)  # whoever goes away takes it along: nothing is replaced behind anybody's back
            raise
        result = json.loads(self.read(f"results/{job.removeprefix('backup-')}.json") or "{}")
        if code != 0:
            reason = str(
                result.get("error") or self._last_words(container, int(began)) or f"ended with {code}, silently"
            )
            raise OperationError(ExitCode.BROKEN, f"{job}: {reason.removeprefix(COMPLAINT)}")
        return dict(result)

    def _last_words(self, container: Replica, since: int) -> str:
        text: bytes = self._api.logs(container.id, since=since, tail=5)
        return next(reversed(text.decode(errors="replace").splitlines()), "")

    @contextmanager
    def alone(self, why: str, wait_seconds: float = 0) -> Iterator[None]:
        """Let the scheduler start nothing while the block runs; it goes on when this process is gone, however it ends.

        Raises OperationError when a run is under way, and still is after `wait_seconds`.
        """
        deadline = time.monotonic() + wait_seconds
        while True:
            with self._held(why) as said:
                if said == HELD:
                    yield
                    return
            if time.monotonic() > deadline:
                told = said or "the scheduler does not answer"
                raise OperationError(ExitCode.BROKEN, f"{told}; nothing was changed. Wait for it, then type this again")
            time.sleep(POLL_SECONDS)

    @contextmanager
    def _held(self, why: str) -> Iterator[str]:
        """What the scheduler's container says to somebody who wants to be alone, for as long as the block runs."""
        argv = Session(self._scheduler.id, [*PROGRAM, "hold", why]).argv(terminal=False)
        pipe, environment = subprocess.PIPE, {**os.environ, **NO_CONTEXT}
        with subprocess.Popen(argv, stdin=pipe, stdout=pipe, env=environment, text=True) as held:
            try:
                yield held.stdout.readline().strip() if held.stdout else ""
            finally:
                if held.stdin:
                    held.stdin.close()

    def _dormant(self, job: str) -> Replica:
        found = self._stack.dormant(job)
        if found is None:
            raise OperationError(
                ExitCode.NOT_THERE,
                f"the container of {job} is gone: `pulumi up --refresh --stack {self._stack.name}` makes it again",
            )
        return found

    def _ended(self, container: Replica, deadline: float) -> int:
        while True:
            state = self._api.inspect_container(container.id)["State"]
            if state["Status"] not in ("running", "created"):
                return int(state["ExitCode"])
            if time.time() > deadline:
                raise OperationError(ExitCode.BROKEN, f"{container.service} did not end in time, and was stopped")
            time.sleep(POLL_SECONDS)

    def _stop(self, container: Replica) -> None:
        with suppress(docker.errors.APIError):
            self._api.stop(container.id, timeout=STOP_SECONDS)
