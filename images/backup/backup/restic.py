"""restic as a process: how it is called, and what its exit codes and messages mean in one line."""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from backup.settings import KEY, WORK, JobError

NO_REPOSITORY, LOCKED, WRONG_KEY = 10, 11, 12
"""restic's exit codes that have a meaning of their own."""

COMMAND = ("restic", "--no-cache", "--retry-lock", "1m")
LOOK_SECONDS = 20
LAST_WORDS = 300
"""So many characters of what a program said last are worth repeating."""

DAMAGE = (
    r"ciphertext verification failed|hash does not match|invalid data returned|repository contains errors|damaged|"
    r"does not match.*id|not referenced|pack .* (?:missing|truncated)|not found in (?:repository|index)|"
    r"data (?:loss|corrupt)|integrity error"
)
AWAY = (
    r"connection refused|no such host|i/o timeout|network is unreachable|no route to host|connection reset|"
    r"unexpected eof.*http|eof$"
)
FULL = r"no space left on device|disk quota exceeded"
GIVEN_UP = rf"^Save\(<data/.*(?:{FULL})"
"""restic does not try this again, and has nothing left to do."""
APPEND_ONLY = r"append.only|403 forbidden|blob not removed"
REFUSED = r"401 unauthorized|access denied|accessdenied|invalidaccesskey|signaturedoesnotmatch"
DUMP_FAILED = r"command terminated|unable to save snapshot: .*command|process .* exit"

REASONS = (
    (
        r"resolving password failed.*does not exist",
        "the key is gone: bring it back with `research backup key --put <file>`: {said}",
    ),
    (FULL, "no space left: free some on the disk that holds it, or add to it"),
    (DUMP_FAILED, "the program that writes the dump failed: {said}"),
    (APPEND_ONLY, "it may be added to and not be taken from (append-only): {said}"),
    (REFUSED, "it refuses the credentials: write them anew into the secret off_site_credentials"),
    (AWAY, "it does not answer: check OFF_SITE and the network, the next run tries again: {said}"),
    (DAMAGE, "it is damaged; fill a new one from the off-site copy (restore fetch-repository): {said}"),
    (r"permission denied", "a file may not be read or written: {said}"),
)


@dataclass(frozen=True)
class Target:
    """One repository and the key that opens it."""

    address: str
    key: Path = KEY
    environment: Mapping[str, str] = field(default_factory=dict)

    def process_environment(self) -> dict[str, str]:
        """The environment of a restic that works on it."""
        # Packs in the making are files; /tmp is memory, and small.
        folders = {"TMPDIR": str(WORK), "HOME": str(WORK)}
        own = {"RESTIC_REPOSITORY": self.address, "RESTIC_PASSWORD_FILE": str(self.key)}
        # Its progress is JSON, too, and is kept until its end.
        return {
            "GOMEMLIMIT": "300MiB",
            "RESTIC_PROGRESS_FPS": "0.1",
            **os.environ,
            **self.environment,
            **folders,
            **own,
        }


def reason(target: Target, code: int, said: str) -> str:
    """Why restic failed and what to do, on one line."""
    known = {
        NO_REPOSITORY: "there is no repository yet: the first backup makes it",
        LOCKED: f"another process works on it or was killed on it ({_last(said)}): try again in half an hour",
        WRONG_KEY: f"the key in {target.key} does not open it: mount the key that it was made with",
    }
    why = known.get(code)
    if why is None:
        matches = (advice for pattern, advice in REASONS if re.search(pattern, said, re.IGNORECASE | re.MULTILINE))
        why = next(matches, f"restic left with {code}: {{said}}").replace("{said}", _last(said) or "without a word")
    return f"repository {place(target.address)}: {why}"


def takes_nothing_away(said: str) -> bool:
    """Whether one who may open a repository was told so that nothing may be taken from it."""
    return bool(re.search(f"{APPEND_ONLY}|{REFUSED}", said, re.IGNORECASE))


def place(address: str) -> str:
    """The address without a password that might be in it."""
    return re.sub(r"//[^/@]*@", "//", address)


def call(target: Target, *arguments: str, cwd: Path | None = None, given: bytes | None = None) -> str:
    """What restic prints; JobError with the reason when it fails."""
    code, printed, said = attempt(target, *arguments, cwd=cwd, given=given)
    if code != 0:
        raise JobError(reason(target, code, said))
    return printed


def attempt(
    target: Target, *arguments: str, cwd: Path | None = None, given: bytes | None = None
) -> tuple[int, str, str]:
    """restic's exit code, what it prints, and what it complains of."""
    environment = target.process_environment()
    with (
        _standard_input(given) as source,
        subprocess.Popen(
            [*COMMAND, *arguments],
            env=environment,
            cwd=cwd,
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        try:
            printed, said = _end(process)
        except BaseException:
            process.kill()
            raise
    return process.returncode, printed.decode(errors="replace"), said.decode(errors="replace")


@contextmanager
def _standard_input(given: bytes | None) -> Iterator[IO[bytes] | int]:
    """A file with these bytes, which needs nobody who writes while restic reads; or nothing to read."""
    if given is None:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile(dir=WORK) as file:
        file.write(given)
        file.seek(0)
        yield file


def _end(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """What restic printed and complained of until its end, or until it hangs on a full disk and is killed.

    A backup whose last packs find no space now and then waits for ever (seen with 0.18.0, after all was read).
    """
    while True:
        try:
            return process.communicate(timeout=LOOK_SECONDS)
        except subprocess.TimeoutExpired as waiting:
            if re.search(GIVEN_UP, (waiting.stderr or b"").decode(errors="replace"), re.IGNORECASE | re.MULTILINE):
                process.kill()


@contextmanager
def stream(target: Target, *arguments: str) -> Iterator[IO[bytes]]:
    """What restic prints while it prints it; JobError when restic fails in the end and the reader did not."""
    command: Sequence[str] = [*COMMAND, *arguments]
    environment = target.process_environment()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        printed, complaint = _pipe(process.stdout), _pipe(process.stderr)
        try:
            yield printed
        except BaseException:
            process.kill()
            raise
        printed.close()
        said = complaint.read().decode(errors="replace")
        code = process.wait()
    if code != 0:
        raise JobError(reason(target, code, said))


def feed(target: Target, arguments: Sequence[str], command: Sequence[str]) -> str:
    """Give what restic prints to a command, and return what that prints; JobError tells which of the two failed."""
    environment = target.process_environment()
    with (
        subprocess.Popen(
            [*COMMAND, *arguments], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as source,
        subprocess.Popen(command, stdin=source.stdout, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as sink,
    ):
        # The sink alone has it then: when that ends, restic sees it.
        _pipe(source.stdout).close()
        printed, complaint = (text.decode(errors="replace") for text in sink.communicate())
        said = _pipe(source.stderr).read().decode(errors="replace")
        code = source.wait()
    if code > 0 and "broken pipe" not in said.lower():
        raise JobError(reason(target, code, said))
    if sink.returncode != 0:
        raise JobError(f"{command[0]} left with {sink.returncode}: {_last(complaint) or 'without a word'}")
    return printed


def _pipe(one: IO[bytes] | None) -> IO[bytes]:
    if one is None:
        raise RuntimeError("a process was started without this pipe")
    return one


def _last(said: str) -> str:
    lines = [_plain(line.strip()) for line in said.splitlines() if line.strip()]
    return "; ".join(lines[-3:])[-LAST_WORDS:]


def _plain(line: str) -> str:
    """restic's complaints come as JSON where its answers do."""
    try:
        read = json.loads(line)
        return str(read.get("message") or read["error"]["message"])
    except (ValueError, AttributeError, KeyError, TypeError):
        return line
