"""Hot reload: the source of this checkout, mounted into the containers instead of built into their images."""

import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pulumi_docker as docker

from infra.engine import Engine
from stacks.settings import StackSettings

IMAGES = Path(__file__).resolve().parents[1] / "images"
TARGET = "dev"
"""The build stage without the source. Its dev.Dockerfile, a link, has an ignore file of its own: a change of the source
is no change of the image."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a service runs: `folder` below images/<service>, which its container has at `path`.

    Below `minimum_memory_mb` (MiB) what watches the source and serves it is not known to work.
    """

    folder: str
    path: str
    minimum_memory_mb: int

    def at(self, service: str) -> Path:
        """Where it is on this machine."""
        return IMAGES / service / self.folder

    def digest(self, service: str, patterns: Sequence[str]) -> str:
        """Differs when one of these files does, or is another one."""
        folder = self.at(service)
        files = sorted({file for pattern in patterns for file in folder.glob(pattern)})
        digests = [f"{file.relative_to(folder)} {sha256(file.read_bytes()).hexdigest()}" for file in files]
        return sha256("\n".join(digests).encode()).hexdigest()

    def mount(self, service: str) -> docker.ContainerMountArgs:
        """A bind mount, which Docker refuses where the folder is not; a bind volume would make an empty one there."""
        return docker.ContainerMountArgs(type="bind", source=str(self.at(service)), target=self.path, read_only=True)


def hot_reload_problems(
    settings: StackSettings, sources: Mapping[str, Source], behind_edge: Sequence[object], engine: Engine, file: str
) -> Iterator[str]:
    """What speaks against running `sources`, a sentence each; without any, nothing does."""
    if not sources:
        return
    where = f"{file}: hot_reload"
    if not engine.is_local:
        yield f"{where}: the engine of DOCKER_HOST cannot mount this checkout; unset DOCKER_HOST, or remove hot_reload"
    if settings.is_public:
        yield f"{where}: a dev server is for this machine alone; remove it, or bind_address {settings.bind_address}"
    if behind_edge:
        yield f"{where}: it replaces no container, which is what the edge is for; remove it, or services.edge"
    for name, source in sources.items():
        limits = settings.services[name]
        if limits.image:
            yield f"{where}: services.{name}.image has its own source; remove it, or hot_reload"
        if limits.memory_mb < source.minimum_memory_mb:
            yield (
                f"{file}: services.{name}.memory_mb: {limits.memory_mb} is too little to reload in; "
                f"with hot_reload it needs at least {source.minimum_memory_mb}"
            )
        if closed := next(_closed(source.at(name)), None):
            yield (
                f"{where}: {closed.relative_to(IMAGES.parent)} is closed to others, so to the container's user: "
                f"`chmod -R o+rX {source.at(name).relative_to(IMAGES.parent)}`"
            )


def _closed(folder: Path) -> Iterator[Path]:
    """The files and folders that the container's user, a stranger on this machine, cannot read."""
    there = (path for path in sorted(folder.rglob("*")) if path.exists())  # an editor's lock is a link to nowhere
    for path in (folder, *there):
        needed = stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0)
        if path.stat().st_mode & needed != needed:
            yield path
