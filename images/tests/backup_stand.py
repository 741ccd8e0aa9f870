"""The backup's jobs under test: volumes as the platform mounts them, jobs that run to their end, what they leave."""

import io
import json
import secrets
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from docker.errors import NotFound

from images.tests.engine import Engine, Running, archived, fresh_name

USER = 10001
KEY = "first-key"
LIMITS: dict[str, Any] = {"mem_limit": "384m", "memswap_limit": "384m", "tmpfs": {"/tmp": "size=64m"}}
DATABASE = "market_research"


@dataclass(frozen=True)
class Ended:
    """What a job that has ended left behind."""

    code: int
    said: str
    result: dict[str, Any]

    def must(self) -> dict[str, Any]:
        """The result of a job that did well."""
        assert self.code == 0, f"left with {self.code}: {self.said}"
        assert not self.result or self.result["ok"], self.result
        return self.result

    def complaint(self) -> str:
        """The one line of a job that failed."""
        assert self.code == 1, f"left with {self.code}: {self.said}"
        lines = [line for line in self.said.splitlines() if line.strip()]
        assert len(lines) == 1, self.said
        assert lines[0].startswith("backup: "), self.said
        return lines[0]


@dataclass(frozen=True)
class Stand:
    """One stack's volumes, and the image whose jobs work on them."""

    engine: Engine
    image: str
    volumes: dict[str, str]
    """Path in the containers -> volume."""
    environment: Mapping[str, str] = field(default_factory=dict)
    network: str = "none"

    def mounts(self, **other: str) -> dict[str, dict[str, str]]:
        """Docker's form of the volumes; `other` as path without its slash -> volume."""
        paths = {**self.volumes, **{f"/{path}": volume for path, volume in other.items()}}
        return {
            volume: {"bind": path, "mode": "ro" if path == "/run/secrets" else "rw"} for path, volume in paths.items()
        }

    @contextmanager
    def started(self, *command: str, **options: Any) -> Iterator[Running]:
        """A container of the image with all the volumes."""
        environment = {"STACK": "dev", **self.environment, **options.pop("environment", {})}
        defaults: dict[str, Any] = {"volumes": self.mounts(), "network": self.network, **LIMITS}
        with self.engine.run(self.image, list(command), environment=environment, **{**defaults, **options}) as running:
            yield running

    def run(self, *command: str, within: float = 120, **options: Any) -> Ended:
        """Run a command to its end."""
        with self.started(*command, **options) as running:
            code, said = running.exit_code(within), running.logs().strip()
        name = {"job": command[1], "restore": f"restore-{command[-1]}", "drill": f"drill-{command[-1]}"}
        result = self.file("/work", f"results/{name[command[0]]}.json") if command[0] in name else None
        return Ended(code, said, json.loads(result) if result else {})

    def job(self, name: str, request: Mapping[str, Any] | None = None, **options: Any) -> Ended:
        """Run a job, as `request` wants it."""
        self.ask(request or {})
        return self.run("job", name, **options)

    def restore(self, what: str, request: Mapping[str, Any], **options: Any) -> Ended:
        """Run a restore."""
        self.ask(request)
        return self.run("restore", what, **options)

    def ask(self, request: Mapping[str, Any]) -> None:
        """Leave a request for the next job."""
        self.put("/work", {"request.json": json.dumps(request)})

    def heads(self) -> list[dict[str, Any]]:
        """What `list` shows."""
        ended = self.run("list", "--json")
        ended.must()
        read = json.loads(ended.said)
        assert isinstance(read, list)
        return read

    def manifest(self, backup: str, store: str) -> dict[str, Any]:
        """What `show` shows."""
        ended = self.run("show", backup, store)
        ended.must()
        read = json.loads(ended.said)
        assert isinstance(read, dict)
        return read

    def restic(self, *arguments: str, **options: Any) -> tuple[int, str]:
        """Exit code and output of restic on the stack's repository."""
        given = {"RESTIC_REPOSITORY": "/repository", "RESTIC_PASSWORD_FILE": "/run/secrets/backup_key"}
        environment = {**given, **options.pop("environment", {})}
        with self.started("--no-cache", *arguments, entrypoint="restic", environment=environment, **options) as running:
            return running.exit_code(), running.logs()

    def put(self, path: str, files: Mapping[str, str | bytes], mode: int = 0o644) -> None:
        """Write root-owned files into the volume at a path."""
        self.engine.fill(self.volumes[path], files, mode)

    def file(self, path: str, name: str) -> bytes | None:
        """A file of the volume at a path; none when it is not there."""
        carrier = self.engine.client.containers.create(self.image, name=fresh_name(), volumes=self.mounts())
        try:
            chunks, _ = carrier.get_archive(f"{path}/{name}")
            with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
                entry = archive.extractfile(archive.getmembers()[0])
                return entry.read() if entry else None
        except NotFound:
            return None
        finally:
            carrier.remove()

    def python(self, text: str, *arguments: str, **options: Any) -> str:
        """What a Python text prints in a container of the image."""
        with self.started("-c", text, *arguments, entrypoint="python", **options) as running:
            code = running.exit_code()
            assert code == 0, running.logs()
            return running.logs().strip()


@contextmanager
def stand(engine: Engine, image: str, more: Sequence[str] = (), **options: Any) -> Iterator[Stand]:
    """A stack's empty volumes: the repository, /work, /exchange, and `more` by their paths; secrets."""
    with ExitStack() as stack:
        paths = ["/repository", "/work", "/exchange", *more]
        volumes = {path: stack.enter_context(engine.volume()) for path in paths}
        passwords = {"backup_key": KEY, "postgres_backup_password": "reads:all\\", "redis_backup_password": "copies"}
        files = {**passwords, "postgres_superuser_password": "superuser"}
        volumes["/run/secrets"] = stack.enter_context(engine.volume(files))
        made = Stand(engine, image, volumes, **options)
        # A new volume takes over whose the image's folder is when a container first mounts it.
        assert made.heads() == []
        yield made


@contextmanager
def inner_network(engine: Engine) -> Iterator[str]:
    """The name of a network without a way out."""
    network = engine.client.networks.create(f"backup-jobs-{secrets.token_hex(4)}", internal=True)
    try:
        yield str(network.name)
    finally:
        network.remove()


__all__ = ["DATABASE", "KEY", "Ended", "Stand", "archived", "inner_network", "stand"]
