"""Redis: a copy as a replica gets it, checked, and counted in a scratch server in which nothing expires."""

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from backup import exchange, manifest, repository, settings
from backup.manifest import Facts
from backup.results import Result, now
from backup.settings import SECRETS, JobError, Request

FILE = "dump.rdb"
PASSWORD = SECRETS / "redis_backup_password"
VERSION, HEADER_BYTES = re.compile(rb"redis-ver.([0-9.]+)", re.DOTALL), 64
LOADING_SECONDS = 600
LAST_WORDS = 300
QUIET = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
"""The image has no locales."""


def job(request: Request, result: Result) -> None:
    """Store a copy of Redis; it counts when it is whole and counted."""
    part = manifest.begin("redis", request, result)
    with repository.alone() as kept, exchange.passing("redis") as folder:
        taken = now()
        fetch(folder / FILE)
        facts = count(folder / FILE)
        stored = kept.keep_folder(folder, part.tags("data"), what=FILE)
        result.snapshot, result.bytes = stored.snapshot, stored.bytes
        made = manifest.made(part, stored, facts, file=FILE, taken=taken)
        manifest.store(kept, replace(made, versions={"redis": version(folder / FILE)}))


def fetch(file: Path) -> None:
    """Write what Redis holds to a file."""
    place = settings.address("REDIS_ADDRESS")
    user = settings.name("REDIS_LOGIN")
    login = ["-h", place.host, "-p", str(place.port), "--user", user, "--no-auth-warning"]
    password = {"REDISCLI_AUTH": settings.secret(PASSWORD)}
    said = _run(["redis-cli", *login, "--rdb", str(file)], f"Redis at {place} gave no copy", password)
    if not file.exists() or not file.stat().st_size:
        raise JobError(f"Redis at {place} gave no copy: {said or 'its answer was empty'}")


def version(file: Path) -> str:
    """The version of the server that wrote a copy, which its first lines tell; empty when they do not."""
    with file.open("rb") as content:
        found = VERSION.search(content.read(HEADER_BYTES))
    return found[1].decode() if found else ""


def count(file: Path) -> Facts:
    """What a copy holds. JobError when it is not whole."""
    # Every byte is covered by its checksum.
    _run(["redis-check-rdb", str(file)], f"the copy {file.name} is not whole and does not count")
    with _loaded(file) as ask:
        expiring = re.search(r"^db0:.*\bexpires=(\d+)", ask("INFO", "keyspace"), re.MULTILINE)
        lasting = int(expiring[1]) if expiring else 0
        return {"keys": int(ask("DBSIZE")), "keys with a lifetime": lasting, "digest": ask("DEBUG", "DIGEST")}


class _Asking:
    """Questions to the scratch server."""

    def __init__(self, socket: str) -> None:
        self._socket = socket

    def __call__(self, *command: str) -> str:
        return _run(["redis-cli", "-s", self._socket, *command], "the scratch Redis does not answer")


@contextmanager
def _loaded(file: Path) -> Iterator[_Asking]:
    """A server that has loaded a copy and, as a replica that waits for its master, lets nothing in it expire."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = f"{folder}/socket"
        options = ["--port", "0", "--unixsocket", socket, "--dir", str(file.parent), "--dbfilename", file.name]
        options += ["--save", "", "--appendonly", "no", "--enable-debug-command", "local", "--pidfile", f"{folder}/pid"]
        options += ["--replicaof", "127.0.0.1", "1", "--replica-serve-stale-data", "yes"]
        with subprocess.Popen(
            ["redis-server", *options], env=QUIET, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as server:
            try:
                _await(server, socket)
                yield _Asking(socket)
            finally:
                # It has nothing to save.
                server.kill()


def _await(server: subprocess.Popen[bytes], socket: str) -> None:
    deadline = time.monotonic() + LOADING_SECONDS
    while True:
        answer = subprocess.run(["redis-cli", "-s", socket, "PING"], capture_output=True, text=True, check=False)
        if answer.stdout.strip() == "PONG":
            return
        if server.poll() is not None:
            said = server.stdout.read().decode(errors="replace") if server.stdout else ""
            raise JobError(f"a scratch Redis does not load the copy: {_last(said)}")
        if time.monotonic() > deadline:
            raise JobError(f"a scratch Redis has not loaded the copy within {LOADING_SECONDS} s")
        time.sleep(0.1)


def _run(command: Sequence[str], trouble: str, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise JobError(f"{trouble}: {_last(done.stdout + done.stderr) or f'{command[0]} left with {done.returncode}'}")
    return done.stdout.strip()


def _last(said: str) -> str:
    return "; ".join(line.strip() for line in said.splitlines()[-3:] if line.strip())[-LAST_WORDS:]
