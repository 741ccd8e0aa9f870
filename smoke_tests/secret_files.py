"""The secret files of a container, read over the Docker Engine API: it has no shell that could be asked."""

import io
import re
import tarfile
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from docker.errors import NotFound
from docker.models.containers import Container

from smoke_tests.deployment import Deployment

SECRET_VALUE = re.compile(r"[A-Za-z0-9]{16,}")


@dataclass(frozen=True)
class Secret:
    """A value that no message shows."""

    value: str = field(repr=False)


def password(deployment: Deployment, service: str) -> str:
    """What the stack's client logs in to a service with."""
    path = deployment.outputs.services[service].password_file
    return _files(deployment.container(deployment.outputs.client), path)[PurePosixPath(path).name].strip()


def all_secrets(deployment: Deployment) -> set[Secret]:
    """Every secret value in a file of any of the services: what is long and random in it."""
    folders = {str(PurePosixPath(store.password_file).parent) for store in deployment.stores.values()}
    return {
        Secret(value)
        for service in deployment.outputs.services
        for folder in folders
        for text in _files(deployment.container(service), folder).values()
        for value in SECRET_VALUE.findall(text)
    }


def _files(container: Container, path: str) -> dict[str, str]:
    """Contents by name of a file, or of a folder's files; nothing when there is none."""
    try:
        chunks, _ = container.get_archive(path)
    except NotFound:
        return {}
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
        files = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        return {PurePosixPath(name).name: file.read().decode() for name, file in files.items() if file}
