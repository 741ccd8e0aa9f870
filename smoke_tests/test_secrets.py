"""Secrets are in their files and nowhere else; messages say where one was found, never which."""

import pytest
from docker.models.containers import Container

from smoke_tests import secret_search, stack
from smoke_tests.deployment import Deployment
from smoke_tests.secret_files import Secret, all_secrets, secret_files, values
from smoke_tests.secret_search import showing


@pytest.fixture(scope="module")
def secrets(deployment: Deployment) -> set[Secret]:
    """Every secret value of the stack."""
    found = all_secrets(deployment)
    assert len(found) >= len(deployment.stores), "every store must have a password of its own"
    return found


@pytest.fixture(scope="module")
def containers(deployment: Deployment) -> list[Container]:
    """All containers of the stack, jobs and carriers of secrets among them."""
    return deployment.all_containers()


def test_every_secret_file_has_something_to_search_for(deployment: Deployment) -> None:
    barren = [where for where, text in secret_files(deployment).items() if not values(text)]
    assert not barren, "too short, or a plain word: anybody guesses it, and no search can tell it from other words"


def test_docker_inspect_shows_no_secret(containers: list[Container], secrets: set[Secret]) -> None:
    found = showing(secret_search.settings(containers), secrets)
    assert not found, "no environment, command, label or other setting of a container may hold a secret"


def test_processes_show_no_secret(containers: list[Container], secrets: set[Secret]) -> None:
    found = showing(secret_search.processes(containers), secrets)
    assert not found, "the command line of a process is for everyone on the host to read, its environment for its heirs"


def test_the_logs_show_no_secret(containers: list[Container], secrets: set[Secret]) -> None:
    assert not showing(secret_search.logs(containers), secrets), "logs must not hold a secret"


def test_its_image_holds_no_secret(deployment: Deployment, service: str, secrets: set[Secret]) -> None:
    found = showing(secret_search.image(deployment.engine, deployment.image(service)), secrets)
    assert not found, "an image is built without secrets: neither a layer nor history nor settings may hold one"


def test_the_state_holds_no_secret_in_clear(deployment: Deployment, secrets: set[Secret]) -> None:
    assert not showing(secret_search.state(deployment.stack), secrets), "Pulumi must be told that it is a secret"


def test_the_stack_outputs_hold_no_secret(deployment: Deployment, secrets: set[Secret]) -> None:
    assert "[secret]" not in stack.exported(deployment.stack), "a stack must not export what it has to hide"
    revealed = secret_search.text("the outputs", stack.exported(deployment.stack, "--show-secrets"))
    assert not showing([revealed], secrets), "secrets must not be exported, not even encrypted"


def test_the_checkout_and_its_history_hold_no_secret(secrets: set[Secret]) -> None:
    assert not showing(secret_search.checkout(stack.CHECKOUT), secrets), "what is in git is everybody's"
