"""The scripts that recover, restore and try backups, as the platform runs them: in stores' images, without network."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from images.tests.engine import IMAGES, Engine
from images.tests.exchange import exchange, read

SCRIPTS = {path.name: path.read_text() for path in (IMAGES / "backup" / "trials").glob("*.sh")}


@dataclass(frozen=True)
class Trials:
    """A store's image, the scripts, and the exchange in which dumps lie."""

    engine: Engine
    image: str
    shell: str
    scripts: str
    dumps: str

    def run(self, script: str, **options: Any) -> tuple[int, str]:
        """Exit code and output of a script, in which its server's log may be."""
        volumes = {
            self.scripts: {"bind": "/run/configuration", "mode": "ro"},
            self.dumps: {"bind": "/exchange", "mode": "rw"},
            **options.pop("volumes", {}),
        }
        command = [self.shell, f"/run/configuration/{script}"]
        defaults: dict[str, Any] = {"user": "999:999", "tmpfs": {"/tmp": "size=64m"}, "network_mode": "none"}
        with self.engine.run(self.image, command, volumes=volumes, **{**defaults, **options}) as job:
            return job.exit_code(within=120), job.logs()

    def file(self, path: str) -> bytes | None:
        return read(self.engine, self.dumps, path)

    def whole(self, path: str) -> bytes:
        content = self.file(path)
        assert content is not None, f"{path} is not there"
        return content

    def facts(self, path: str) -> dict[str, str]:
        """Names and values of a file that a script left."""
        return dict(line.split("\t") for line in self.whole(path).decode().splitlines())

    def put(self, files: Mapping[str, str | bytes]) -> None:
        self.engine.fill(self.dumps, files)

    def entries(self, folder: str = ".") -> list[str]:
        """What lies in a folder of the exchange."""
        mounts = {self.dumps: {"bind": "/exchange", "mode": "ro"}}
        with self.engine.run("debian:trixie-slim", ["ls", "-A", f"/exchange/{folder}"], volumes=mounts) as listing:
            assert listing.exit_code() == 0
            return listing.logs().split()

    def script(self, text: str) -> None:
        """Let root do something in the exchange, as another service of the platform would."""
        mounts = {self.dumps: {"bind": "/exchange", "mode": "rw"}}
        command = ["sh", "-ec", f"cd /exchange; {text}"]
        with self.engine.run("debian:trixie-slim", command, volumes=mounts, cap_drop=[]) as helper:
            assert helper.exit_code() == 0, helper.logs()


@contextmanager
def trials(engine: Engine, image: str, shell: str) -> Iterator[Trials]:
    with engine.volume(SCRIPTS) as scripts, exchange(engine) as dumps:
        yield Trials(engine, image, shell, scripts, dumps)
