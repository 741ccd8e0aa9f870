"""A stack on an engine that is told what to say."""

import io
import tarfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from docker.errors import NotFound

from infra.engine import MIB, Engine
from operations.running_stack import RunningStack
from operations.stack_file import StackFile

STACK_FILE = """
config:
  market-research:free_disk_gb: 4
  market-research:services:
    api: {cpus: 1, memory_mb: 512}
    redis: {cpus: 0.5, memory_mb: 256}
"""


@pytest.fixture(autouse=True)
def _own_journal(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test's commands note is not for the people who read this machine's audit."""
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path_factory.mktemp("pulumi")))


class FakeApi:
    """The engine's API: containers as `known`, their logs in `written`, their files in `files`, a shell in `shells`."""

    def __init__(self) -> None:
        self.known: list[dict[str, Any]] = []
        self.written: dict[str, list[bytes]] = {}
        self.files: dict[str, str] = {}
        self.shells: set[str] = set()
        self.statistics: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, Any]] = []

    def add(self, service: str, number: int = 1, *, job: bool = False, **state: Any) -> dict[str, Any]:
        facts = {
            "Id": f"{service}-{number}-id",
            "Name": f"/dev-{service}-{number}",
            "Created": f"2026-11-24T12:00:0{number}Z",
            "Image": "sha256:0123456789abcdef",
            "RestartCount": 0,
            "State": {"Status": "running", "StartedAt": "2026-11-24T12:00:00Z", "ExitCode": 0, **deepcopy(state)},
            "HostConfig": {
                "RestartPolicy": {"Name": "no" if job else "unless-stopped"},
                "NanoCpus": 500_000_000,
                "Memory": 256 * MIB,
            },
            "NetworkSettings": {"Ports": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}], "8000/tcp": None}},
            "Config": {
                "Labels": {"pulumi.project": "market-research", "pulumi.stack": "dev", "pulumi.service": service}
            },
        }
        self.known.append(facts)
        return facts

    def containers(self, **filters: Any) -> list[dict[str, Any]]:
        wanted = set(filters["filters"]["label"])
        listed = [(one, one["Config"]["Labels"]) for one in self.known]
        return [
            {"Id": one["Id"], "Names": [one["Name"]], "Labels": labels}
            for one, labels in listed
            if wanted <= {f"{key}={value}" for key, value in labels.items()}
        ]

    def inspect_container(self, container_id: str) -> dict[str, Any]:
        return next(one for one in self.known if one["Id"] == container_id)

    def logs(self, container_id: str, **how: Any) -> Any:
        self.asked.append({"id": container_id, **how})
        if container_id not in self.written:
            raise NotFound("gone")
        chunks = self.written[container_id]
        return iter(chunks) if how.get("stream") else b"".join(chunks)

    def stats(self, container_id: str, *, stream: bool) -> dict[str, Any]:
        return self.statistics.get(container_id, {})

    def get_archive(self, container_id: str, path: str) -> tuple[Iterator[bytes], dict[str, Any]]:
        buffer, content = io.BytesIO(), self.files[path].encode()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            member = tarfile.TarInfo(Path(path).name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        return iter([buffer.getvalue()]), {}

    def exec_create(self, container_id: str, command: list[str]) -> dict[str, str]:
        return {"Id": command[0]}

    def exec_start(self, exec_id: str) -> bytes:
        return b""

    def exec_inspect(self, exec_id: str) -> dict[str, int]:
        return {"ExitCode": 0 if exec_id in self.shells else 126}


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def stack(api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunningStack:
    """The stack dev, for commands too, with a file that gives limits to api and redis."""
    (tmp_path / "Pulumi.yaml").write_text("name: market-research\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK_FILE)
    running = RunningStack(StackFile("dev", tmp_path), Engine(cast(Any, SimpleNamespace(api=api))))
    monkeypatch.setattr(RunningStack, "find", lambda _: running)
    return running
