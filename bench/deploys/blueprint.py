"""What a running stack of ours consists of, as the other side needs it."""

import io
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from docker.models.containers import Container

from bench.deploys.compose_file import Network, Running, compose_file
from rehearsal.project import Project

OURS_ALONE = "edge"
FOLDER = "/run/secrets"  # compose has no other place for them either


@dataclass(frozen=True)
class Blueprint:
    """Containers by service, their secret files, the environment that their images give, and the networks."""

    folder: Path
    containers: Mapping[str, Mapping[str, Any]]
    of_the_images: Mapping[str, frozenset[str]]
    secrets: Mapping[str, Mapping[str, bytes]]
    networks: Mapping[str, Network]

    @classmethod
    def of(cls, project: Project) -> "Blueprint":
        """Look at a stack that is up."""
        engine = project.docker
        there: list[Container] = engine.containers.list(all=True, filters=project.labels)
        found = {one.labels["pulumi.service"]: one for one in there if one.status != "created"}
        found.pop(OURS_ALONE, None)
        names = {key: name for one in project.outputs().services.values() for name, key in one.networks.items()}
        return cls(
            folder=project.folder,
            containers={name: one.attrs for name, one in found.items()},
            of_the_images={
                name: frozenset(engine.images.get(one.attrs["Image"]).attrs["Config"]["Env"])
                for name, one in found.items()
            },
            secrets={name: dict(_secret_files(one)) for name, one in found.items()},
            networks={key: Network(name, engine.networks.get(key).attrs["Internal"]) for key, name in names.items()},
        )

    def compose_file(self, project: str, folder: Path, port: int) -> dict[str, Any]:
        """The compose file for `folder`, where the secret files are put, too: compose mounts them from there."""
        running = {
            name: Running(facts, self.of_the_images[name], _put(folder / "secrets" / name, self.secrets[name]))
            for name, facts in self.containers.items()
        }
        return compose_file(project, running, self.networks, port)


def _secret_files(container: Container) -> Iterator[tuple[str, bytes]]:
    if not any(mount["Destination"] == FOLDER for mount in container.attrs["Mounts"]):
        return
    chunks, _ = container.get_archive(FOLDER)
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        for member in archive:
            if content := archive.extractfile(member) if member.isfile() else None:
                yield PurePosixPath(member.name).name, content.read()


def _put(folder: Path, files: Mapping[str, bytes]) -> dict[str, Path]:
    """Readable for the services' users; the folder above keeps this machine's other users away."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o444)
    return {name: folder / name for name in files}
