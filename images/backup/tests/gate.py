"""A gate before an engine whose containers do what a test wants, over HTTP; and a clock that a test moves."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backup.clock import Clock, EndedError
from backup.dormant import WITHOUT_RESULT, Dormants
from backup.engine import Engine
from backup.jobs_file import KNOWN, Jobs
from backup.work import Work, put

START = datetime(2026, 11, 30, 3, 30, tzinfo=UTC)


def nothing() -> int:
    """A job that does well, and has no /work to tell so."""
    return 0


@dataclass
class Container:
    """A container. A job does its work and ends after so many looks; a service is healthy after so many."""

    work: Callable[[], int] = nothing
    looks: int = 1
    service: bool = False
    running: bool = False
    exit_code: int = 0
    left: int = 0
    log: list[str] = field(default_factory=list)

    def start(self) -> None:
        self.running, self.left = True, self.looks
        if not self.service:
            self.exit_code = self.work()

    def state(self) -> dict[str, Any]:
        """What is told of it, and one look less."""
        self.left -= 1
        if self.running and not self.service and self.left < 0:
            self.running = False
        health = {"Health": {"Status": "starting" if self.left >= 0 else "healthy"}} if self.service else {}
        return {"Status": "running" if self.running else "exited", "ExitCode": self.exit_code, **health}


class Gate:
    """What it was asked, by platform's names, is in `asked`; a request in `answers` gets another status."""

    def __init__(self, work: Work) -> None:
        self.work = work
        jobs = {name: name.removeprefix("backup-") for name in KNOWN}
        self.containers = {
            name: Container(nothing if job in WITHOUT_RESULT else self.writes(job)) for name, job in jobs.items()
        }
        self.containers["neo4j"] = Container(service=True, running=True, looks=2)
        self.asked: list[str] = []
        self.answers: dict[str, list[int]] = {}
        self.port = 0

    def writes(self, job: str, code: int = 0, **result: Any) -> Callable[[], int]:
        """The work of a job that leaves a result."""

        def work() -> int:
            put(self.work.result(job), {"job": job, "ok": code == 0, **result})
            return code

        return work

    def notes(self, name: str, note: Callable[[], object]) -> None:
        """Let a container take a note while it does its work, and do it well."""
        work = self.writes(name.removeprefix("backup-"))

        def noting() -> int:
            note()
            return work()

        self.containers[name].work = noting

    def started(self) -> list[str]:
        """Whom it was asked to start, in this order."""
        return [line.removeprefix("start ") for line in self.asked if line.startswith("start ")]

    def answer(self, method: str, path: str) -> tuple[int, bytes]:
        name, verb = urlsplit(path).path.removeprefix("/containers/").split("/")
        name = name.removeprefix("test-")
        if method == "POST":
            query = urlsplit(path).query
            self.asked.append(f"{verb} {name}{f' {query}' if query else ''}")
        container = self.containers.get(name)
        if container is None:
            return 404, json.dumps({"message": f"No such container: test-{name}"}).encode()
        if wrong := self.answers.get(f"{verb} {name}"):
            return wrong.pop(0), b"<html><body><h1>403 Forbidden</h1>\nNot allowed.</body></html>"
        return self._do(verb, container)

    def _do(self, verb: str, container: Container) -> tuple[int, bytes]:
        match verb:
            case "start" if container.running:
                return 304, b""
            case "start":
                container.start()
            case "stop":
                container.running = False
            case "json":
                return 200, json.dumps({"State": container.state()}).encode()
            case "logs":
                lines = [f"{line}\n".encode() for line in container.log]
                return 200, b"".join(b"\1\0\0\0" + len(line).to_bytes(4) + line for line in lines)
        return 204, b""


@contextmanager
def serving(gate: Gate) -> Iterator[Engine]:
    """A client of the gate."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = gate.answer(self.command, self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    gate.port = server.server_port
    try:
        yield Engine(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class FakeClock(Clock):
    """Sleeping moves it. It ends when `ends` says so, which is asked whenever something waits."""

    def __init__(self, moment: datetime = START) -> None:
        super().__init__()
        self.moment = moment
        self.ends: Callable[[], bool] = lambda: False

    def now(self) -> datetime:
        return self.moment

    def seconds(self) -> float:
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        self.ended = self.ended or self.ends()
        if self.ended:
            raise EndedError("told to end")
        self.rest(seconds)

    def rest(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Stand:
    """All that a run takes."""

    gate: Gate
    dormants: Dormants
    clock: FakeClock

    @property
    def work(self) -> Work:
        return self.dormants.work


def jobs(*without: str) -> Jobs:
    """A stack with every container but these."""
    return Jobs("test", {name: f"test-{name}" for name in sorted(KNOWN) if name not in without}, 120)


@contextmanager
def stand(folder: Path, *without: str) -> Iterator[Stand]:
    """A stack with every container but these, at work in a folder."""
    work, clock = Work(folder), FakeClock()
    gate = Gate(work)
    with serving(gate) as engine:
        yield Stand(gate, Dormants(jobs(*without), engine, work, clock), clock)
