"""Secrets are in their files and nowhere else; messages say where one was found, never which."""

import json
from collections.abc import Iterable

import pytest
from docker.models.containers import Container

from smoke_tests import stack
from smoke_tests.deployment import Deployment
from smoke_tests.secret_files import Secret, all_secrets


@pytest.fixture(scope="module")
def secrets(deployment: Deployment) -> set[Secret]:
    """Every secret value of the stack."""
    found = all_secrets(deployment)
    assert len(found) >= len(deployment.stores), "every store must have a password of its own"
    return found


@pytest.fixture(scope="module")
def containers(deployment: Deployment) -> list[Container]:
    """All containers of the stack, jobs and carriers of secrets among them: those labelled as its services are."""
    labels = [set(deployment.container(service).labels.items()) for service in deployment.outputs.services]
    common = [f"{key}={value}" for key, value in set.intersection(*labels)]
    assert common, "every container must be labelled with its stack"
    return deployment.engine.containers.list(all=True, filters={"label": common})


def test_docker_inspect_shows_no_secret(containers: list[Container], secrets: set[Secret]) -> None:
    showing = [one.name for one in containers if _shows(json.dumps(one.attrs), secrets)]
    assert not showing, "no environment, command, label or other setting of a container may hold a secret"


def test_the_command_lines_of_processes_show_no_secret(deployment: Deployment, secrets: set[Secret]) -> None:
    services = deployment.outputs.services
    showing = [name for name in services if _shows(json.dumps(deployment.container(name).top()), secrets)]
    assert not showing, "the command line of a process is for everyone on the host to read"


def test_the_logs_show_no_secret(containers: list[Container], secrets: set[Secret]) -> None:
    showing = [one.name for one in containers if _shows(one.logs().decode(errors="replace"), secrets)]
    assert not showing, "logs must not hold a secret"


def test_the_images_hold_no_secret(deployment: Deployment, secrets: set[Secret]) -> None:
    showing = []
    for service in deployment.outputs.services:
        image = deployment.engine.images.get(deployment.container(service).attrs["Image"])
        if _shows(json.dumps([image.attrs, image.history()]), secrets):
            showing.append(service)
    assert not showing, "an image is built without secrets: neither its history nor its settings may hold one"


def test_the_stack_outputs_hold_no_secret(deployment: Deployment, secrets: set[Secret]) -> None:
    assert "[secret]" not in stack.exported(deployment.stack), "a stack must not export what it has to hide"
    revealed = _shows(stack.exported(deployment.stack, "--show-secrets"), secrets)
    assert not revealed, "secrets must not be exported, not even encrypted"


def _shows(text: str, secrets: Iterable[Secret]) -> bool:
    return any(secret.value in text for secret in secrets)
