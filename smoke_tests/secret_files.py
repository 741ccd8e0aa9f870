"""The secret files of a container."""

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from smoke_tests.container_files import files
from smoke_tests.deployment import Deployment

SECRET_VALUE = re.compile(r"[A-Za-z0-9]{16,}")


@dataclass(frozen=True)
class Secret:
    """A value that no message shows."""

    value: str = field(repr=False)


def password(deployment: Deployment, service: str) -> str:
    """What the stack's client logs in to a service with."""
    path = deployment.outputs.services[service].password_file
    return files(deployment.container(deployment.outputs.client), path)[PurePosixPath(path).name].strip()


def all_secrets(deployment: Deployment) -> set[Secret]:
    """Every secret value in a file of any of the services: what is long and random in it."""
    folders = {str(PurePosixPath(store.password_file).parent) for store in deployment.stores.values()}
    return {
        Secret(value)
        for service in deployment.outputs.services
        for folder in folders
        for text in files(deployment.container(service), folder).values()
        for value in SECRET_VALUE.findall(text)
    }
